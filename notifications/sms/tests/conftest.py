"""Twilio as it speaks to us: forms signed by its own validator."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from django.test import Client
from twilio.request_validator import RequestValidator

from notifications.tests.conftest import twilio as twilio
from notifications.tests.conftest import words as words

FAYS, OURS = "+12125550123", "+12125550100"
PUBLIC = "https://tickets.example.com"


class Caller:
    """Posts a form to a webhook, signed for the public address."""

    def __init__(self, token: str) -> None:
        self.token, self.count = token, 0

    def post(self, path: str, form: dict[str, str], *, signed_for: str = "", token: str = "", **extra: Any) -> Any:
        path = f"/api/v1/webhooks/twilio/{path}"
        signature = RequestValidator(token or self.token).compute_signature(signed_for or f"{PUBLIC}{path}", form)
        headers = {"X-Twilio-Signature": signature, **extra.get("headers", {})}
        body = urlencode(form)
        return Client().post(path, body, content_type="application/x-www-form-urlencoded", headers=headers)

    def text(self, body: str, *, sender: str = FAYS, to: str = OURS, sid: str = "", **more: str) -> Any:
        """Somebody writes; the response."""
        self.count += 1
        form = {"MessageSid": sid or f"SMin{self.count}", "From": sender, "To": to, "Body": body, **more}
        return self.post("inbound", form)

    def answer(self, body: str, **more: str) -> str:
        """Somebody writes; the words that come back, empty for none."""
        response = self.text(body, **more)
        assert response.status_code == 200, response.content
        assert response["Content-Type"].startswith("application/xml")
        return said(response)


def said(response: Any) -> str:
    found = [each.text or "" for each in ElementTree.fromstring(response.content).iter("Message")]  # noqa: S314 (our own)
    assert len(found) <= 1
    return found[0] if found else ""


@pytest.fixture
def caller(settings) -> Caller:
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = "AC" + "0" * 32, "token"
    settings.PUBLIC_URL = PUBLIC
    return Caller("token")
