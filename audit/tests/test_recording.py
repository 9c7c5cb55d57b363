"""One call writes one entry, with the facts of the request, in the transaction of what happened."""

import enum
import uuid
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils.functional import SimpleLazyObject
from phonenumber_field.phonenumber import PhoneNumber

from audit import fingerprints, trail
from audit.models import AppendOnly, AuditLog
from trufan.lib import correlation

pytestmark = pytest.mark.django_db


def read_back(entry: AuditLog) -> AuditLog:
    return AuditLog.objects.get(pk=entry.pk)


def test_recording_costs_one_query(venue, django_assert_num_queries):
    with django_assert_num_queries(1):
        trail.record("venue.changed", venue, old={"name": "Old"}, new={"name": "New"})


def test_an_entry_carries_the_facts_of_the_request(fay, venue):
    correlation.begin("abc-1", ip="203.0.113.9", user_agent="Firefox", actor=fay)
    entry = read_back(trail.record("venue.changed", venue, new={"name": "Hall"}))
    assert (entry.actor, entry.action) == (fay, "venue.changed")
    assert (entry.entity_type, entry.entity_id, entry.venue_id) == ("venues.venue", venue.pk, venue.pk)
    assert (entry.ip_address, entry.user_agent, entry.correlation_id) == ("203.0.113.9", "Firefox", "abc-1")
    assert (entry.old_values, entry.new_values) == ({}, {"name": "Hall"})


def test_the_venue_is_the_entitys_own_unless_told_otherwise(event, venue, other_venue, fay):
    assert trail.record("event.published", event).venue_id == venue.pk
    assert trail.record("event.published", event, venue_id=other_venue.pk).venue_id == other_venue.pk
    assert trail.record("user.registered", fay).venue_id is None


def test_nobody_signed_in_is_nobody(venue):
    correlation.begin(actor=SimpleLazyObject(AnonymousUser))
    assert read_back(trail.record("venue.seen", venue)).actor_id is None


def test_a_lazy_user_is_the_actor(venue, fay):
    correlation.begin(actor=SimpleLazyObject(lambda: fay))
    assert read_back(trail.record("venue.seen", venue)).actor_id == fay.pk


def test_the_actor_may_be_told(venue, fay, gus):
    correlation.begin(actor=fay)
    assert trail.record("venue.changed", venue, actor=gus).actor_id == gus.pk
    assert trail.record("venue.changed", venue, actor=None).actor_id is None


@pytest.mark.parametrize("ip", [None, "", "testserver", "fe80::1%eth0", "::ffff:203.0.113.9", "2001:DB8:0:0::1"])
def test_any_kind_of_address_is_kept_or_left_out(venue, ip):
    correlation.begin(ip=ip)
    entry = read_back(trail.record("venue.seen", venue))
    assert entry.digest == fingerprints.of_entry(entry)
    assert (entry.ip_address is None) == (ip in {None, "", "testserver"})


class Colour(enum.Enum):
    RED = "red"


AWKWARD = {
    "zz": 1,
    "a": {"nested": [1, (2, None), {"deep": True}], 7: "a number as key"},
    "id": uuid.UUID(int=7),
    "at": datetime(2026, 11, 22, 21, 47, 5, 120, tzinfo=timezone(timedelta(hours=-5))),
    "day": date(2026, 2, 1),
    "for": timedelta(seconds=90),
    "rate": Decimal("0.10"),
    "latitude": 40.7505,
    "huge": 1e20,
    "whole": 1.0,
    "not a number": float("nan"),
    "big": 2**70,
    "colour": Colour.RED,
    "phone": PhoneNumber.from_string("+12125550123"),
    "roles": {"door", "kitchen"},
    "text": "Zoë 🎟 \x00 \ud800 \u2028",
}


def test_awkward_values_keep_their_fingerprint_through_the_database(venue):
    correlation.begin(user_agent="\x00agent\ud800" * 60)
    entry = trail.record("venue.changed", venue, old=AWKWARD, new=AWKWARD)
    again = read_back(entry)
    assert again.digest == entry.digest == fingerprints.of_entry(again)
    assert again.new_values["at"] == "2026-11-23T02:47:05.000120Z"
    assert again.new_values["roles"] == ["door", "kitchen"]
    assert again.new_values["rate"] == "0.10"
    assert again.new_values["phone"] == "+12125550123"
    assert again.new_values["big"] == 2**70


def test_a_value_without_a_form_is_refused(venue):
    with pytest.raises(TypeError, match="object"):
        trail.record("venue.changed", venue, new={"what": object()})


def test_the_fingerprint_covers_every_column(venue, fay):
    correlation.begin("one", ip="203.0.113.9", user_agent="Firefox")
    entry = trail.record("venue.changed", venue, old={"a": 1}, new={"a": 2})
    changes = {
        "id": uuid.uuid4(), "created_at": datetime(2020, 1, 1, tzinfo=UTC), "actor_id": fay.pk, "action": "x",
        "entity_type": "x", "entity_id": fay.pk, "venue_id": fay.pk, "old_values": {"a": "1"}, "new_values": {},
        "ip_address": "203.0.113.8", "user_agent": "x", "correlation_id": "x",
    }  # fmt: skip
    columns = {field.attname for field in AuditLog._meta.concrete_fields} - {"digest"}
    assert columns == changes.keys()
    for name, other in changes.items():
        copy = read_back(entry)
        setattr(copy, name, other)
        assert fingerprints.of_entry(copy) != entry.digest, name


def test_without_the_key_nobody_computes_the_fingerprint(venue, settings):
    entry = trail.record("venue.changed", venue)
    settings.AUDIT_KEY = "another"
    assert fingerprints.of_entry(entry) != entry.digest


def test_a_rollback_takes_the_entry_with_it(venue):
    with pytest.raises(RuntimeError), transaction.atomic():
        trail.record("venue.changed", venue)
        raise RuntimeError
    assert not AuditLog.objects.exists()


def test_the_orm_neither_changes_nor_deletes_entries(venue):
    entry = trail.record("venue.changed", venue)
    attempts = [
        entry.save,
        entry.delete,
        AuditLog.objects.all().delete,
        lambda: AuditLog.objects.update(action="x"),
        lambda: AuditLog.objects.bulk_update([entry], ["action"]),
        lambda: AuditLog.objects.update_or_create(pk=entry.pk, defaults={"action": "x"}),
    ]
    for attempt in attempts:
        with pytest.raises(AppendOnly):
            attempt()
    assert read_back(entry).action == "venue.changed"
