"""A push to a browser: signed with our keys, readable by that browser alone, and what its service's answers mean."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from notifications.channels import CHANNELS
from notifications.delivery import deliver
from notifications.models import Device, Notification
from notifications.outbox import send
from notifications.push import devices, http, payload, vapid
from notifications.push.tests.conftest import claims_of
from notifications.templating import Words

pytestmark = pytest.mark.django_db
LINK = "https://www.example.com/orders/1"


def push(device: Device, template: str = "nudge", **context: Any) -> Notification:
    said = {"name": "Fay", "said": "Come and see", "link": LINK, **context}
    row = send(template, str(device.pk), channel="push", context=said, user=device.user)
    return deliver(row.pk, row.next_attempt_at)


def test_the_browser_reads_what_was_said_and_its_service_knows_who_speaks(service, browser, device, settings):
    row = push(device)
    assert (row.status, row.provider_id, row.error) == ("sent", "/message/1", "")
    (request,) = service.requests
    assert request.path == "/push/abc"
    assert browser.read(request) == {
        "title": "Hello Fay",
        "body": "Come and see",
        "url": LINK,
        "tag": str(row.pk),
        "id": str(row.pk),
    }
    claims = claims_of(request, settings.VAPID_PUBLIC_KEY)
    assert claims["sub"] == "mailto:push@example.com"
    assert time.time() < claims["exp"] <= time.time() + 24 * 3600
    assert b"Come" not in request.body


@pytest.mark.parametrize(
    ("template", "ttl", "urgency"), [("valet_ready", "3600", "high"), ("order_paid", "259200", "normal")]
)
def test_how_long_and_how_urgently_is_a_fact_of_the_kind(service, device, template, ttl, urgency):
    row = Notification(template=template, recipient=str(device.pk), user=device.user, channel="push")
    CHANNELS["push"].send(row, Words(text="x", subject="x"))
    headers = service.requests[0].headers
    assert (headers["ttl"], headers["urgency"], headers["topic"]) == (ttl, urgency, row.pk.hex)


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_retired_and_asked_no_more(service, device, status):
    service.refuse(status)
    row = push(device)
    device.refresh_from_db()
    assert (row.status, row.attempts) == ("failed", 1)
    assert device.retired_at is not None
    assert str(status) in device.retired_because
    again = push(device)
    assert (again.status, len(service.requests)) == ("failed", 1)
    assert "retired" in again.error


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_what_may_pass_is_tried_again_and_shows_once(service, browser, device, status):
    service.refuse(status, "not now")
    row = push(device)
    assert (row.status, row.provider_id) == ("pending", "")
    assert f"push service {status}: not now" in row.error
    assert deliver(row.pk, row.next_attempt_at).status == "sent"
    first, second = (browser.read(request) for request in service.requests)
    assert first == second
    assert [each.headers["topic"] for each in service.requests] == [row.pk.hex] * 2
    device.refresh_from_db()
    assert device.retired_at is None


@pytest.mark.parametrize("status", [400, 413])
def test_what_will_be_refused_again_is_not_tried_again(service, device, status):
    service.refuse(status, "no")
    assert push(device).status == "failed"
    device.refresh_from_db()
    assert device.retired_at is None


def test_a_service_that_hangs_is_left_after_a_while(service, device, monkeypatch):
    monkeypatch.setattr(http, "TIMEOUT_SECONDS", 0.3)
    service.answers.append("hang")
    row = push(device)
    assert row.status == "pending"
    assert "ReadTimeout" in row.error
    assert "not known whether" in row.error
    assert device.token not in row.error


def test_a_redirect_is_not_followed(service, device):
    service.answers.append((302, {"Location": f"{service.base}/elsewhere"}, b""))
    assert push(device).status == "failed"
    assert [request.path for request in service.requests] == ["/push/abc"]


def test_a_service_that_is_no_longer_allowed_is_not_spoken_to(service, device, settings):
    settings.PUSH_SERVICES = ["push.apple.com"]
    assert push(device).status == "failed"
    assert service.requests == []


def test_a_device_that_is_anothers_by_now_hears_nothing(service, browser, device, fay, gus):
    row = send("nudge", str(device.pk), channel="push", context={"name": "Fay"}, user=fay)
    devices.register(gus, kind="web", token=browser.endpoint, keys=browser.keys, now=timezone.now())
    assert deliver(row.pk, row.next_attempt_at).status == "failed"
    assert service.requests == []


@pytest.mark.parametrize("recipient", ["", "fay@example.com", "019c1f3e-8b10-7f02-8a44-0d1c2b3a4958"])
def test_a_recipient_that_is_no_device_fails_for_good(recipient, fay):
    row = send("nudge", recipient, channel="push", context={}, user=fay)
    assert deliver(row.pk, row.next_attempt_at).status == "failed"


def test_a_device_registered_again_meanwhile_is_not_retired(device, fay):
    later = timezone.now() + timedelta(seconds=5)
    devices.register(fay, kind="web", token=device.token, keys=device.keys, now=later)
    devices.retire_gone(device, "gone", later)
    assert Device.objects.get().retired_at is None


@pytest.mark.parametrize(
    ("name", "value"), [("VAPID_PRIVATE_KEY", "nonsense"), ("VAPID_SUBJECT", ""), ("VAPID_SUBJECT", "push@example")]
)
def test_keys_that_are_wrong_are_ours_to_mend(service, device, settings, name, value):
    setattr(settings, name, value)
    row = push(device)
    assert row.status == "pending"
    assert "VAPID" in row.error
    assert service.requests == []


def test_without_keys_a_laptop_prints_and_a_live_server_keeps_it(device, settings, service, capsys):
    settings.VAPID_PRIVATE_KEY = ""
    row = push(device)
    assert (row.status, row.provider_id) == ("sent", f"console-{row.pk}")
    settings.IS_LIVE = True
    row = push(device)
    assert row.status == "pending"
    assert "VAPID_PRIVATE_KEY" in row.error
    assert service.requests == []


# --- What fits -----------------------------------------------------------------------------------


UNITS = {
    "a letter": "a",
    "of two bytes": "ß",
    "of three": "€",
    "of four": "😀",
    "a family": "\U0001f469\u200d\U0001f469\u200d\U0001f467",
    "a colour": "\U0001f44d\U0001f3fd",
    "an accent": "e\u0301",
    "a flag": "\U0001f1ea\U0001f1f8",
    "a quotation mark": '"',
    "a control character": "\x01",
}


@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS)
def test_long_words_are_cut_between_characters(unit):
    told = payload.of(Notification(), Words(text="x" + unit * 4000, subject="T", link=LINK))
    assert payload.MOST_BYTES - 40 < len(payload.encoded(told)) <= payload.MOST_BYTES
    cut = told["body"].removeprefix("x").removesuffix("…")
    assert cut == unit * (len(cut) // len(unit))


def test_a_text_that_is_one_endless_character_is_cut_all_the_same():
    told = payload.of(Notification(), Words(text="e" + "\u0301" * 4000, subject="T", link=LINK))
    assert payload.MOST_BYTES - 40 < len(payload.encoded(told)) <= payload.MOST_BYTES


def test_the_longest_of_everything_is_taken_by_the_service(service, browser, device):
    row = push(device, name="N" * 500, said="😀" * 3000)
    assert row.status == "sent"
    assert len(service.requests[0].body) <= 4096
    assert browser.read(service.requests[0])["url"] == LINK


def test_a_link_that_is_too_long_is_left_out_rather_than_cut():
    told = payload.of(Notification(), Words(text="x", subject="T", link="https://www.example.com/" + "a" * 3000))
    assert told["url"] == ""


def test_made_keys_are_a_pair(capsys):
    call_command("make_vapid_keys")
    lines = dict(line.split("=", 1) for line in capsys.readouterr().out.split())
    assert vapid.public_of(vapid.read(lines["VAPID_PRIVATE_KEY"]).private_key) == lines["VAPID_PUBLIC_KEY"]
