"""Super admins see devices and retire them; nobody reads a token."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.models import User
from audit.models import AuditLog
from notifications.models import Device
from notifications.push import devices
from trufan.tests.console_client import as_, buttons_on, press, url

TOKEN = "https://fcm.googleapis.com/fcm/send/secret"


@pytest.fixture
def phone(fay: User) -> Device:
    return devices.register(
        fay, kind="web", token=TOKEN, keys={"auth": "whisper"}, name="Fay's <b>phone</b>", now=timezone.now()
    )[0]


def test_a_device_is_retired_with_its_reason(ada: User, phone: Device) -> None:
    assert buttons_on(ada, phone) == {"retire"}
    assert "pushed to no more" in press(ada, phone, "retire", reason="It was stolen.")
    phone.refresh_from_db()
    assert phone.retired_at is not None
    assert phone.retired_because == "It was stolen."
    assert AuditLog.objects.get(action="device.retired").actor == ada
    assert buttons_on(ada, phone) == set()


def test_no_page_shows_a_token_or_a_key(ada: User, fay: User, phone: Device) -> None:
    for address in (url(Device, "changelist"), url(Device, "change", phone.pk)):
        page = as_(ada).get(address).content.decode()
        assert str(fay) in page
        assert "&lt;b&gt;phone" in page
        assert TOKEN not in page
        assert "whisper" not in page


def test_devices_are_no_venue_s_business(olga: User, phone: Device) -> None:
    assert as_(olga).get(url(Device, "changelist")).status_code == 403
    assert as_(olga).post(url(Device, "button", phone.pk, "retire"), {"reason": "x"}).status_code in (302, 403, 404)
    phone.refresh_from_db()
    assert phone.retired_at is None
