"""What the doctor says about our address and the providers; each is a real server on loopback."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta

import pytest

from notifications.tests.conftest import mailbox as mailbox
from payments.tests.conftest import standin as standin
from trufan.doctor import outside
from trufan.doctor.tests.answering import answering, certificate_for_loopback
from trufan.doctor.tests.test_inside import said, worst

READY = {"status": "ok", "checks": {"database": "ok"}}


@pytest.fixture
def trusted(tmp_path, monkeypatch):
    """A certificate that this process believes in."""
    path = certificate_for_loopback(tmp_path, days=90)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return path


def test_a_laptop_has_no_address():
    assert worst(outside.address()) == "note"


def test_an_address_that_answers_is_well(settings, trusted):
    with answering(200, READY, trusted) as settings.PUBLIC_URL:
        found = list(outside.address())
    assert worst(found) == "ok"
    assert "ends in 89 days" in said(found)


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (503, {"checks": {"database": "ok", "cache": "failed"}}, "not ready: cache"),
        (503, "down", "comes from the proxy"),
        (400, {}, "ALLOWED_HOSTS"),
        (502, {}, "does not reach the API"),
    ],
)
def test_an_address_that_answers_otherwise_is_an_error(settings, trusted, status, body, expected):
    with answering(status, body, trusted) as settings.PUBLIC_URL:
        found = list(outside.address())
    assert worst(found) == "error"
    assert expected in said(found)


def test_a_certificate_that_nobody_signed_is_an_error(settings, tmp_path):
    with answering(200, READY, certificate_for_loopback(tmp_path, days=90)) as settings.PUBLIC_URL:
        found = list(outside.address())
    assert "certificate" in said(found)
    assert worst(found) == "error"


def test_an_address_where_nothing_listens_is_an_error(settings):
    settings.PUBLIC_URL = "https://127.0.0.1:1"
    assert "does not answer" in said(outside.address())


@pytest.mark.parametrize(("days", "severity"), [(90, "ok"), (20, "warning"), (4, "error"), (-1, "error")])
def test_a_certificate_about_to_end_is_told_in_time(days, severity):
    now = datetime(2027, 6, 1, tzinfo=UTC)
    end = (now + timedelta(days=days)).strftime("%b %d %H:%M:%S %Y GMT")
    assert ssl.cert_time_to_seconds(end)
    assert outside.certificate_ends(end, now).severity == severity


def test_the_sandbox_takes_no_money():
    assert worst(outside.payment_gateway()) == "note"


@pytest.mark.django_db
def test_stripe_is_asked_with_our_key(settings, standin):
    assert worst(outside.payment_gateway()) == "ok"
    settings.STRIPE_SECRET_KEY = "sk_test_of_somebody_else"
    found = list(outside.payment_gateway())
    assert worst(found) == "error"
    assert "AuthenticationError" in said(found)
    assert "somebody_else" not in said(found)


def test_twilio_is_asked_how_our_account_stands(settings):
    assert worst(outside.short_messages()) == "note"
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = "AC0", "token"
    for status, body, severity in (
        (200, {"sid": "AC0", "status": "active"}, "ok"),
        (200, {"sid": "AC0", "status": "suspended"}, "error"),
        (401, {"code": 20003, "message": "Authenticate", "status": 401}, "error"),
    ):
        with answering(status, body) as settings.TWILIO_API_BASE:
            assert worst(outside.short_messages()) == severity


def test_the_mail_server_is_signed_in_at_and_nothing_is_sent(settings, mailbox):
    assert worst(outside.mail_server()) == "ok"
    assert mailbox.mails == []
    settings.EMAIL_PORT = 1
    assert worst(outside.mail_server()) == "error"


def test_a_mail_provider_is_not_asked(settings):
    assert worst(outside.mail_server()) == "note"
    settings.EMAIL_PROVIDER = "postmark"
    assert "postmark" in said(outside.mail_server())
