"""A sign-in from where the person never was is told by mail; a known device or address is not."""

from __future__ import annotations

import pytest

from accounts import new_devices
from notifications.models import Notification

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"
CHROME = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36"


@pytest.fixture
def signs_in(api, fay):
    fay.set_password("Friday-Night-7")
    fay.save()

    def sign_in(agent: str, address: str) -> int:
        body = {"email": fay.email, "password": "Friday-Night-7"}
        answer = api.post("/api/v1/auth/login", body, headers={"User-Agent": agent}, REMOTE_ADDR=address)
        assert answer.status_code == 200
        return Notification.objects.filter(template="new_sign_in").count()

    return sign_in


def test_the_first_sign_in_is_no_news(signs_in):
    assert signs_in(FIREFOX, "192.0.2.1") == 0


def test_a_known_device_or_a_known_address_is_no_news(signs_in):
    signs_in(FIREFOX, "192.0.2.1")
    assert signs_in(FIREFOX, "198.51.100.9") == 0
    assert signs_in(SAFARI, "192.0.2.1") == 0


def test_a_strange_device_at_a_strange_address_is_told_once_in_an_hour(signs_in, fay):
    signs_in(FIREFOX, "192.0.2.1")
    assert signs_in(SAFARI, "198.51.100.9") == 1
    told = Notification.objects.get(template="new_sign_in")
    assert (told.recipient, told.context["device"]) == (fay.email, "Safari on iPhone")
    assert "198.51.100.9" not in str(told.context)
    assert signs_in(CHROME, "203.0.113.5") == 1


@pytest.mark.parametrize(
    ("agent", "called"),
    [
        (FIREFOX, "Firefox on Windows"),
        (SAFARI, "Safari on iPhone"),
        (CHROME, "Chrome on Android"),
        ("okhttp/4.12 (Android)", "an app on Android"),
        ("<script>alert(1)</script>", "an app"),
        ("", "an app"),
    ],
)
def test_a_device_is_called_by_our_own_words(agent, called):
    assert new_devices.name(agent) == called
