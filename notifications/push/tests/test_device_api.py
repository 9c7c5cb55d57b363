"""Devices are registered by their owners, known by their token, and nobody else's business."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import sign_in
from notifications import erasure
from notifications.delivery import deliver
from notifications.models import Device, Notification, Preference
from notifications.outbox import notify
from notifications.push import devices, vapid
from notifications.push.tests.conftest import Browser
from trufan.testing import UserFactory, at_once

pytestmark = pytest.mark.django_db
URL = "/api/v1/devices"
ENDPOINT = "https://updates.push.services.mozilla.com/wpush/v2/abc"


def web(endpoint: str = ENDPOINT, **more: Any) -> dict[str, Any]:
    return {"kind": "web", "subscription": {"endpoint": endpoint, "keys": Browser(endpoint).keys, **more}}


def app(token: str = "token:1", **more: Any) -> dict[str, Any]:
    return {"kind": "fcm", "token": token, **more}


def test_a_browser_is_registered_listed_and_removed(api, fay):
    caller = api.as_(fay)
    response = caller.post(URL, {**web(expirationTime=None), "name": "Firefox on Linux"})
    assert response.status_code == 201, response.content
    told = response.json()
    assert set(told) == {"id", "kind", "name", "created_at", "last_seen_at"}
    assert (told["kind"], told["name"]) == ("web", "Firefox on Linux")
    assert caller.get(URL).json()["results"] == [told]
    assert caller.delete(f"{URL}/{told['id']}").status_code == 204
    assert caller.get(URL).json()["results"] == []
    assert caller.delete(f"{URL}/{told['id']}").status_code == 404
    assert "owner" in Device.objects.get().retired_because


def test_the_same_token_again_is_the_same_device(api, fay):
    caller = api.as_(fay)
    first = caller.post(URL, app(name="Old"))
    devices.remove(Device.objects.get(), timezone.now())
    again = caller.post(URL, app(name="New"))
    assert (first.status_code, again.status_code) == (201, 200)
    assert (again.json()["id"], again.json()["name"]) == (first.json()["id"], "New")
    assert Device.objects.get().retired_at is None


def test_who_holds_the_token_holds_the_device(api, fay, gus):
    api.as_(fay).post(URL, web())
    response = api.as_(gus).post(URL, web())
    assert response.status_code == 200
    assert api.as_(fay).get(URL).json()["count"] == 0
    assert api.as_(gus).get(URL).json()["count"] == 1


def test_a_device_is_nobody_elses(api, fay, gus, ada):
    told = api.as_(fay).post(URL, app()).json()
    for other in (gus, ada):
        assert api.as_(other).get(URL).json()["count"] == 0
        assert api.as_(other).delete(f"{URL}/{told['id']}").status_code == 404
    for method in ("get", "post"):
        assert getattr(api.as_(None), method)(URL).status_code == 401
    assert api.as_(None).delete(f"{URL}/{told['id']}").status_code == 401
    assert Device.objects.get().retired_at is None


def test_the_one_seen_longest_ago_makes_room(api, fay, gus):
    start = timezone.now() - timedelta(days=1)
    for number in range(devices.MOST):
        devices.register(fay, kind="fcm", token=f"t{number}", now=start + timedelta(minutes=number))
    devices.register(gus, kind="fcm", token="gus", now=start)
    devices.register(fay, kind="fcm", token="t0", now=start + timedelta(hours=2))
    assert api.as_(fay).post(URL, app("new")).status_code == 201
    live = set(Device.objects.filter(retired_at=None).values_list("token", flat=True))
    assert live == {"t0", "gus", "new", *(f"t{number}" for number in range(2, devices.MOST))}


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://updates.push.services.mozilla.com/x",
        "https://push.services.mozilla.com.evil.example/x",
        "https://evilpush.apple.com.example/x",
        "https://notfcm.googleapis.com/x",
        "https://evil.example\\@fcm.googleapis.com/x",
        "https://user@fcm.googleapis.com/x",
        "https://fcm.googleapis.com:8443/x",
        "https://fcm.googleapis.com",
        "https://127.0.0.1/x",
        "http://127.0.0.1:8000/x",
        "https://[::1]/x",
        "https://fcm.googleapis.com/x y",
        "https://fcm.googleapis.com/" + "x" * 2000,
        "file:///etc/passwd",
        "",
        7,
        None,
        ["https://fcm.googleapis.com/x"],
    ],
)
def test_only_push_services_are_addresses(api, fay, endpoint):
    given = web()
    given["subscription"]["endpoint"] = endpoint
    response = api.as_(fay).post(URL, given)
    assert response.status_code == 422, response.content
    assert response.json()["error"]["details"][0]["field"] == "subscription.endpoint"
    assert not Device.objects.exists()


@pytest.mark.parametrize(
    "endpoint",
    ["https://fcm.googleapis.com/fcm/send/a:b", "https://wns2-par02p.notify.windows.com:443/w/?token=a%2bb"],
)
def test_all_hosts_below_a_service_are_addresses(api, fay, endpoint):
    assert api.as_(fay).post(URL, web(endpoint)).status_code == 201


KEYS = Browser("").keys


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"kind": "pigeon", "token": "x"},
        {"kind": "web"},
        {"kind": "web", "token": "x"},
        {"kind": "web", "subscription": "x"},
        {"kind": "web", "subscription": {"endpoint": ENDPOINT}},
        {"kind": "web", "subscription": {"endpoint": ENDPOINT, "keys": {**KEYS, "auth": "c2hvcnQ"}}},
        {"kind": "web", "subscription": {"endpoint": ENDPOINT, "keys": {**KEYS, "auth": "ü" * 22}}},
        {"kind": "web", "subscription": {"endpoint": ENDPOINT, "keys": {**KEYS, "auth": "a"}}},
        {"kind": "web", "subscription": {"endpoint": ENDPOINT, "keys": {**KEYS, "p256dh": "a"}}},
        {"kind": "web", "subscription": {"endpoint": ENDPOINT, "keys": {**KEYS, "p256dh": "B" + "A" * 86}}},
        {"kind": "fcm"},
        {"kind": "fcm", "token": ""},
        {"kind": "fcm", "token": "a b"},
        {"kind": "fcm", "token": "a" * 5000},
        {"kind": "fcm", "token": {"a": 1}},
        {"kind": "fcm", "token": "a", "name": "n" * 81},
    ],
)
def test_garbage_is_told_and_nothing_is_kept(api, fay, given):
    response = api.as_(fay).post(URL, given)
    assert response.status_code == 422, response.content
    assert not Device.objects.exists()


@pytest.mark.parametrize("given", [[], [1], app("a\u0000"), app(name="n\u0000")])
def test_what_no_endpoint_reads_is_not_read_here(api, fay, given):
    assert api.as_(fay).post(URL, given).status_code == 400
    assert not Device.objects.exists()


def test_a_list_takes_as_many_queries_for_many_as_for_one(api, fay):
    caller = api.as_(fay)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert caller.get(URL).status_code == 200
        return len(seen)

    devices.register(fay, kind="fcm", token="one", now=timezone.now())
    few = queries()
    for number in range(15):
        devices.register(fay, kind="fcm", token=f"t{number}", now=timezone.now())
    assert queries() == few <= 2


def test_the_key_is_told_to_anyone_where_there_is_one(api, settings):
    settings.VAPID_PUBLIC_KEY = ""
    response = api.get("/api/v1/push/key")
    assert (response.status_code, response.json()["error"]["code"]) == (409, "no_web_push")
    settings.VAPID_PUBLIC_KEY, _ = vapid.make()
    assert api.get("/api/v1/push/key").json() == {"public_key": settings.VAPID_PUBLIC_KEY}


# --- Told by each ---------------------------------------------------------------------------------


def test_a_message_becomes_one_row_for_each_live_device(service, fay):
    for path in ("a", "b", "gone"):
        one = Browser(f"{service.base}/{path}")
        devices.register(fay, kind="web", token=one.endpoint, keys=one.keys, now=timezone.now())
    devices.remove(Device.objects.get(token__endswith="gone"), timezone.now())
    row = notify("valet_ready", user=fay, context={"said": "x"})
    deliver(row.pk, timezone.now())
    rows = Notification.objects.filter(channel="push")
    live = Device.objects.filter(retired_at=None)
    assert {one.recipient for one in rows} == {str(one.pk) for one in live}
    assert [one.status for one in rows] == ["sent", "sent"]
    assert sorted(request.path for request in service.requests) == ["/a", "/b"]


def test_who_wants_no_push_gets_none(service, device, fay):
    Preference.objects.create(user=fay, kind="parking", channel="push", wanted=False)
    row = notify("valet_ready", user=fay, context={"said": "x"})
    deliver(row.pk, timezone.now())
    assert not Notification.objects.filter(channel="push").exists()
    assert service.requests == []


# --- Kept and forgotten ---------------------------------------------------------------------------


def test_devices_are_exported_and_erased_with_the_person(fay, gus):
    devices.register(fay, kind="fcm", token="fays", name="Phone", now=timezone.now())
    devices.register(gus, kind="fcm", token="guss", now=timezone.now())
    told = [row for row in erasure.export(fay) if row["channel"] == "push"]
    assert [(row["device"], row["name"]) for row in told] == [("fcm", "Phone")]
    assert "fays" not in str(told)
    erasure.erase(fay, timezone.now())
    assert [one.token for one in Device.objects.all()] == ["guss"]


def test_what_was_retired_long_ago_is_forgotten(fay):
    now = timezone.now()
    for token, days in (("old", 31), ("new", 29), ("live", 0)):
        device, _ = devices.register(fay, kind="fcm", token=token, now=now)
        if days:
            devices.remove(device, now - timedelta(days=days))
    assert devices.forget(now) == 1
    assert set(Device.objects.values_list("token", flat=True)) == {"new", "live"}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_same_token_by_two_accounts_at_once_is_one_device():
    people = [UserFactory() for _ in range(6)]

    def act(number: int) -> Any:
        return devices.register(people[number], kind="fcm", token="shared", now=timezone.now())

    answers = at_once(6, act)
    assert sum(is_new for _, is_new in answers) == 1
    assert Device.objects.count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_many_devices_at_once_stay_within_the_limit():
    fay, start = UserFactory(), timezone.now()
    for number in range(devices.MOST - 1):
        devices.register(fay, kind="fcm", token=f"t{number}", now=start)
    at_once(5, lambda number: devices.register(fay, kind="fcm", token=f"new{number}", now=start + timedelta(seconds=1)))
    assert Device.objects.filter(retired_at=None).count() == devices.MOST
    assert Device.objects.filter(retired_at=None, token__startswith="new").count() == 5


def test_signing_out_everywhere_silences_every_device(fay):
    devices.register(fay, kind="fcm", token="t" * 40, now=timezone.now())
    other = devices.register(UserFactory(), kind="fcm", token="o" * 40, now=timezone.now())[0]
    sign_in.logout_all(fay, timezone.now())
    assert not devices.live(fay).exists()
    assert Device.objects.get(user=fay).retired_because == "logout_all"
    other.refresh_from_db()
    assert other.retired_at is None
    devices.register(fay, kind="fcm", token="t" * 40, now=timezone.now())
    assert devices.live(fay).count() == 1
