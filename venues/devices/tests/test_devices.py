"""Managers make, rotate and revoke devices; a key is shown once, kept as a hash, and good as long as it should be."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from accounts.models import User
from audit.models import AuditLog
from trufan.lib.idempotency_record import IdempotencyRecord
from trufan.testing import EventFactory, LotFactory, StaffFactory
from trufan.tests.security.machines import made, speaking
from venues.devices import keys
from venues.models import VenueDevice, VenueStaff

pytestmark = pytest.mark.django_db
PROBE = "/api/v1/checkin/scans"


@pytest.fixture
def url(venue) -> str:
    return f"/api/v1/venues/{venue.pk}/devices"


def opens(key: str) -> bool:
    """Whether the key is taken: an empty scan is then not valid, but not refused."""
    status = speaking(key).post(PROBE, {}).status_code
    assert status in (401, 422)
    return status == 422


def test_a_device_is_made_with_a_key_that_is_shown_once_and_kept_as_a_hash(api, url, olga):
    answer = api.as_(olga).post(url, {"name": "Door 1", "scopes": ["scan"]}, HTTP_IDEMPOTENCY_KEY="k-1")
    assert answer.status_code == 201, answer.json()
    shown = answer.json()
    key = shown.pop("key")
    assert opens(key)
    secret = key.partition(".")[2]
    assert len(secret) == 43
    kept = [*VenueDevice.objects.values_list("secret_hash", flat=True)]
    kept += [str(row) for row in AuditLog.objects.values()] + [str(row) for row in IdempotencyRecord.objects.values()]
    assert not any(secret in text for text in kept)
    listed = api.as_(olga).get(url).json()["results"]
    assert [each["id"] for each in listed] == [shown["id"]]
    assert "key" not in listed[0]
    again = api.as_(olga).post(url, {"name": "Door 1", "scopes": ["scan"]}, HTTP_IDEMPOTENCY_KEY="k-1")
    assert again.json()["key"] == key


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"name": "A"}, "scopes"),
        ({"name": "A", "scopes": []}, "scopes"),
        ({"name": "A", "scopes": ["refund"]}, "scopes[0]"),
        ({"name": "A\nB", "scopes": ["scan"]}, "name"),
        ({"name": "A", "scopes": ["scan"], "expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"name": "A", "scopes": ["scan"], "place_id": "019c1f3e-8b10-7f02-8a44-0d1c2b3a4958"}, "place_id"),
    ],
)
def test_what_is_wrong_with_it_is_told_by_field(api, url, olga, asked, field):
    answer = api.as_(olga).post(url, asked)
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["error"]["details"]] == [field]
    assert not VenueDevice.objects.exists()


def test_a_place_is_of_the_venue_and_of_the_one_scope(api, url, olga, other_venue, event):
    def ask(place, *scopes):
        return api.as_(olga).post(url, {"name": "A", "scopes": scopes, "place_id": str(place.pk)}).status_code

    assert ask(event, "scan") == 201
    assert ask(event, "gate") == 422
    assert ask(event, "scan", "gate") == 422
    assert ask(EventFactory(venue=other_venue), "scan") == 422
    assert ask(LotFactory(venue=event.venue), "gate") == 201


def test_only_who_manages_staff_makes_devices_and_nobody_gives_more_than_they_hold(api, venue, url, gus, stan, fay):
    asked = {"name": "A", "scopes": ["kitchen"]}
    assert [api.as_(each).post(url, asked).status_code for each in (None, gus, stan, fay)] == [401, 403, 403, 403]
    head = StaffFactory(venue=venue, role=VenueStaff.Role.DOOR, extra_permissions=["manage_staff"]).user
    assert api.as_(head).post(url, asked).json()["error"]["code"] == "beyond_own_rights"
    assert api.as_(head).post(url, {**asked, "scopes": ["scan"]}).status_code == 201


def test_a_strangers_device_is_not_there(api, venue, other_venue, olga, stan):
    device, key = made(venue, olga, "scan")
    for act in ("rotate", "revoke"):
        for venue_id in (venue.pk, other_venue.pk):
            answer = api.as_(stan).post(f"/api/v1/venues/{venue_id}/devices/{device.pk}/{act}", {})
            assert answer.status_code in (403, 404)
    assert api.as_(stan).get(f"/api/v1/venues/{other_venue.pk}/devices").json()["count"] == 0
    assert opens(key)


def test_a_rotated_key_is_good_as_long_as_was_chosen(api, url, venue, olga):
    device, old = made(venue, olga, "scan")
    now = timezone.now()
    new = api.as_(olga).post(f"{url}/{device.pk}/rotate", {"keep_minutes": 30}).json()["key"]
    assert opens(old)
    assert opens(new)
    with time_machine.travel(now + timedelta(minutes=31)):
        assert not opens(old)
        assert opens(new)


def test_rotated_without_an_overlap_the_old_key_ends_at_once(api, url, venue, olga):
    device, old = made(venue, olga, "scan")
    new = api.as_(olga).post(f"{url}/{device.pk}/rotate", {}).json()["key"]
    assert (opens(old), opens(new)) == (False, True)
    assert api.as_(olga).post(f"{url}/{device.pk}/rotate", {"keep_minutes": 10_081}).status_code == 422


def test_a_revoked_device_opens_nothing_and_is_not_rotated_back(api, url, venue, olga):
    device, first = made(venue, olga, "scan")
    second = api.as_(olga).post(f"{url}/{device.pk}/rotate", {"keep_minutes": 60}).json()["key"]
    assert api.as_(olga).post(f"{url}/{device.pk}/revoke").json()["state"] == "revoked"
    assert (opens(first), opens(second)) == (False, False)
    assert api.as_(olga).post(f"{url}/{device.pk}/rotate", {}).json()["error"]["code"] == "device_revoked"
    done = AuditLog.objects.filter(entity_id=device.pk).order_by("created_at", "pk")
    assert [each.action for each in done] == ["device.created", "device.rotated", "device.revoked"]
    assert {each.actor_id for each in done} == {olga.pk}


def test_an_expired_key_opens_nothing(venue, olga):
    now = timezone.now()
    _device, key = made(venue, olga, "scan", expires_at=now + timedelta(hours=1))
    assert opens(key)
    with time_machine.travel(now + timedelta(hours=1, seconds=1)):
        assert not opens(key)


@pytest.mark.parametrize(
    "spoil", [lambda k: k[:-1], lambda k: k.partition(".")[0], lambda k: "tfd_0." + k, lambda k: ""]
)
def test_a_wrong_key_is_refused_with_one_answer(venue, olga, spoil):
    _device, key = made(venue, olga, "scan")
    answer = speaking(spoil(key)).post(PROBE, {})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "invalid_api_key")


def test_its_last_use_is_written_at_most_once_a_minute(venue, olga, django_assert_num_queries):
    device, key = made(venue, olga, "scan")
    now = timezone.now()
    for seconds, noted in ((0, 0), (30, 0), (61, 61)):
        with time_machine.travel(now + timedelta(seconds=seconds), tick=False):
            assert opens(key)
        device.refresh_from_db()
        assert device.last_used_at == now + timedelta(seconds=noted)
    with time_machine.travel(now + timedelta(seconds=62), tick=False), django_assert_num_queries(1):
        opens(key)


def test_each_key_is_counted_for_itself(venue, olga, settings):
    settings.DEVICE_LIMIT_PER_MINUTE, settings.DEVICE_LIMIT_BURST = 2, 2
    one, other = (made(venue, olga, "scan")[1] for _ in range(2))
    assert [speaking(one).post(PROBE, {}).status_code for _ in range(3)] == [422, 422, 429]
    assert speaking(other).post(PROBE, {}).status_code == 422


def test_the_account_of_a_device_signs_in_nowhere(api, venue, olga, django_capture_on_commit_callbacks):
    device, _key = made(venue, olga, "scan")
    account = device.account
    for password in ("", "!", account.password):
        answer = api.post("/api/v1/auth/login", {"email": account.email, "password": password})
        assert answer.status_code in (401, 422)
    with django_capture_on_commit_callbacks(execute=True):
        api.post("/api/v1/auth/password/forgot", {"email": account.email})
    assert mail.outbox == []
    account = User.objects.get(pk=account.pk)
    assert (account.is_staff, account.may_sign_in, account.can("check_in", venue)) == (False, False, False)


def test_the_list_runs_a_constant_number_of_queries(api, url, venue, olga, django_assert_num_queries):
    client = api.as_(olga)
    made(venue, olga, "scan")
    client.get(url)
    with django_assert_num_queries(3):
        client.get(url)
    for _ in range(5):
        made(venue, olga, "gate")
    with django_assert_num_queries(3):
        assert client.get(url).json()["count"] == 6


def test_a_key_is_read_by_its_hash_alone(venue, olga):
    device, key = made(venue, olga, "scan")
    assert keys.read(key, timezone.now()) == device
    VenueDevice.objects.filter(pk=device.pk).update(former_hash="", former_until=timezone.now() + timedelta(hours=1))
    with pytest.raises(keys.InvalidApiKey):
        keys.read(f"{device.prefix}.", timezone.now())
