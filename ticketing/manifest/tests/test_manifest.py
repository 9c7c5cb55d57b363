"""A scanner takes the manifest along and decides without a network as the door does with one."""

from __future__ import annotations

import gzip
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from events.models import Event
from ticketing import codes
from ticketing.door import checkin
from ticketing.manifest.tests.scanner import Refused, unpadded
from ticketing.models import Ticket
from ticketing.rotation import texts
from ticketing.slots.models import EntrySlot
from ticketing.tests.sales import buy
from trufan.lib import paths
from trufan.testing import EventFactory, StaffFactory, TicketTypeFactory, VenueFactory


def url(event) -> str:
    return f"/api/v1/events/{event.pk}/checkin/manifest"


def change(ticket: Ticket, **fields) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(**fields)


def test_it_says_all_that_a_scanner_needs(fetch, scanner, event, venue, ticket_type, tickets):
    Event.objects.update(configuration={"door": {"reentry": True}})
    scanner.take(fetch())
    header = scanner.header
    assert header["event"]["id"] == str(event.pk)
    assert parse_datetime(header["event"]["doors_at"]) == event.doors_at
    assert parse_datetime(header["event"]["admits_until"]) == event.ends_at + timedelta(hours=1)
    assert header["venue"] == {"id": str(venue.pk), "name": "Garden Arena", "time_zone": "America/New_York"}
    assert (header["door"], header["rotation"], header["since"]) == ({"reentry": True}, None, None)
    assert [unpadded(key["public_key"]) for key in header["keys"]] == list(scanner.trusted.values())
    assert scanner.tickets == {
        str(ticket.pk): {
            "code_version": 1, "status": "valid", "flags": [], "used_at": 0, "gate": None, "slot": None,
            "ticket_type": {"id": str(ticket_type.pk), "name": "General Admission"},
        }
        for ticket in tickets
    }  # fmt: skip


def test_it_has_every_state_a_ticket_can_be_in(fetch, scanner, gus, tickets):
    now = timezone.now()
    valid, used, refunded, frozen, returning, handed_on = tickets
    checkin.scan(codes.sign(used), by=gus, nonce="1", now=now, gate="North")
    change(refunded, status="refunded")
    change(frozen, frozen_at=now)
    change(returning, returning_at=now)
    change(handed_on, code_version=2)
    scanner.take(fetch())
    rows = [scanner.tickets[str(each.pk)] for each in tickets]
    assert [row["status"] for row in rows] == ["valid", "used", "refunded", "valid", "valid", "valid"]
    assert [row["flags"] for row in rows] == [[], ["inside"], [], ["frozen"], ["returning"], []]
    assert [row["code_version"] for row in rows] == [1, 1, 1, 1, 1, 2]
    assert (rows[1]["gate"], rows[1]["used_at"]) == ("North", int(now.timestamp()))
    assert valid.pk


def test_it_says_for_which_slot_a_ticket_is(fetch, scanner, event, tickets):
    early, late = (
        EntrySlot.objects.create(
            event=event, starts_at=event.doors_at + after, ends_at=event.doors_at + 2 * after, capacity=5
        )
        for after in (timedelta(minutes=10), timedelta(minutes=20))
    )
    for ticket, slot in zip(tickets, (late, early, late), strict=False):
        change(ticket, slot=slot)
    scanner.take(fetch())
    told = [scanner.tickets[str(ticket.pk)]["slot"] for ticket in tickets]
    assert [each and each["id"] for each in told] == [str(late.pk), str(early.pk), str(late.pk), None, None, None]
    assert parse_datetime(told[1]["starts_at"]) == early.starts_at
    assert parse_datetime(told[1]["ends_at"]) == early.ends_at


def test_it_holds_this_events_tickets_only(fetch, scanner, fay, venue, tickets):
    buy(fay, TicketTypeFactory(event=EventFactory(venue=venue)))
    buy(fay, TicketTypeFactory())
    scanner.take(fetch())
    assert set(scanner.tickets) == {str(ticket.pk) for ticket in tickets}


def test_an_event_without_tickets_has_one_too(fetch, scanner, event):
    scanner.take(fetch())
    assert (scanner.tickets, scanner.header["tickets"]["count"]) == ({}, 0)


def test_the_rows_are_in_the_order_of_their_ids(fetch, tickets):
    content = fetch()
    length = int.from_bytes(content[4:8], "big")
    rows = content[8 + length : -64]
    width = len(rows) // len(tickets)
    ids = [rows[at : at + 16] for at in range(0, len(rows), width)]
    assert ids == sorted(ids)


def test_the_fields_stand_where_the_document_says(fetch, scanner):
    scanner.take(fetch())
    fields = [(each["name"], each["offset"], each["bytes"]) for each in scanner.header["tickets"]["fields"]]
    assert fields[:7] == [
        ("id", 0, 16), ("code_version", 16, 2), ("status", 18, 1), ("flags", 19, 2), ("used_at", 21, 4),
        ("ticket_type", 25, 2), ("gate", 27, 2),
    ]  # fmt: skip
    assert scanner.header["tickets"]["flags"].items() >= {"frozen": 1, "returning": 2}.items()


def test_it_names_no_people(fetch, fay, tickets):
    content = fetch()
    for secret in (b"Fay", b"fay@example.com", tickets[0].number.encode(), tickets[0].order.number.encode()):
        assert secret not in content


def test_offline_and_online_say_the_same(fetch, scanner, api, gus, event, venue, fay, tickets):
    """Every kind of code, at a door that rotates and at one that doesn't."""
    now = timezone.now()
    valid, used, refunded, frozen, returning, handed_on = tickets
    old = Ticket.objects.with_event().get(pk=handed_on.pk)
    change(used, status="used", used_at=now, entries=1, inside=True, last_in_at=now)
    change(refunded, status="refunded")
    change(frozen, frozen_at=now)
    change(returning, returning_at=now)
    change(handed_on, code_version=2)
    elsewhere = buy(fay, TicketTypeFactory(event=EventFactory(venue=venue)))[0]
    stranger = buy(fay, TicketTypeFactory(event=EventFactory(venue=VenueFactory())))[0]
    for configuration in ({}, {"rotating_codes": True}):
        Event.objects.filter(pk=event.pk).update(configuration=configuration)
        change(valid, status="valid", used_at=None, entries=0, inside=False, last_in_at=None)
        scanner.take(fetch())
        shown = []
        for ticket in (valid, valid, used, refunded, frozen, returning, old, handed_on, elsewhere, stranger):
            fresh = Ticket.objects.with_event().get(pk=ticket.pk)
            fresh.code_version = ticket.code_version
            shown += [texts.shown_at(fresh, now), texts.shown_at(fresh, now - timedelta(hours=1)), codes.sign(fresh)]
        for text in [*shown, "rubbish", "TF1:" + "A" * 164]:
            sent = {"code": text, "event": str(event.pk), "nonce": uuid4().hex, "scanned_at": now.isoformat()}
            online = api.as_(gus).post("/api/v1/checkin/scans", sent).json()["reason"]
            # To a scanner a code of another venue, whose keys it doesn't have, is nobody's.
            expected = online if text not in shown[-3:] else "forged"
            assert scanner.scan(text, now) == expected, text


def test_not_before_the_doors_nor_after_the_end(fetch, scanner, event, tickets):
    scanner.take(fetch())
    code = codes.sign(tickets[0])
    assert scanner.scan(code, event.doors_at - timedelta(seconds=1)) == "not_yet"
    assert scanner.scan(code, event.ends_at + timedelta(hours=1, seconds=1)) == "too_late"
    assert scanner.scan(code, event.ends_at) == ""
    assert scanner.scan(code, event.ends_at) == "already_used"


def test_the_doors_key_is_in_it_only_where_codes_rotate(fetch, scanner, settings, event):
    settings.TICKET_SIGNING_KEYS = ["new:" + "A" * 43 + "=", *settings.TICKET_SIGNING_KEYS]
    Event.objects.update(configuration={"rotating_codes": True, "door_key_version": 3})
    scanner.trusted |= {key.key_id.hex(): key.public for key in codes.venue_keys(event.venue_id)}
    scanner.take(fetch())
    rules = scanner.header["rotation"]
    assert (rules["door_key_version"], rules["period"], rules["tolerance"]) == (3, 15, 1)
    assert set(rules["door_keys"]) == set(scanner.trusted)


@pytest.mark.parametrize("at", [0, 5, 40, -100, -1])
def test_one_changed_byte_is_noticed(fetch, scanner, tickets, at):
    content = bytearray(fetch())
    content[at] ^= 1
    with pytest.raises((Refused, ValueError)):
        scanner.take(bytes(content))
    assert scanner.tickets == {}


def test_one_flipped_state_is_noticed(fetch, scanner, tickets):
    content = fetch()
    rows = content[8 + int.from_bytes(content[4:8], "big") : -64]
    at = len(content) - 64 - len(rows) + 18  # the first row's status
    forged = content[:at] + b"\1" + content[at + 1 :]
    with pytest.raises(Refused, match="changed on the way"):
        scanner.take(forged)


def test_another_venues_manifest_is_a_strangers(api, ada, scanner, tickets):
    theirs = api.as_(ada).get(url(EventFactory())).content
    with pytest.raises(Refused, match="stranger"):
        scanner.take(theirs)


def test_a_ticket_code_is_no_manifest(scanner, tickets):
    with pytest.raises(Refused):
        scanner.take(codes.sign(tickets[0]).encode())


def test_only_staff_at_the_door_get_it(api, event, fay, stan, gus, olga, ada):
    assert api.get(url(event)).status_code == 401
    assert api.as_(fay).get(url(event)).status_code == 403
    assert api.as_(stan).get(url(event)).status_code == 403
    for user in (gus, olga, ada):
        assert api.as_(user).get(url(event)).status_code == 200
    kitchen = StaffFactory(venue=event.venue, role="kitchen").user
    assert api.as_(kitchen).get(url(event)).status_code == 403


def test_anothers_hidden_event_does_not_exist(api, event, stan, gus):
    Event.objects.update(status="draft")
    assert api.as_(stan).get(url(event)).status_code == 404
    assert api.as_(gus).get(url(event)).status_code == 200
    assert api.as_(gus).get(f"/api/v1/events/{uuid4()}/checkin/manifest").status_code == 404


def test_it_is_packed_for_who_unpacks_and_kept_by_nobody_between(api, gus, event, tickets):
    plain = api.as_(gus).get(url(event))
    packed = api.as_(gus).get(url(event), headers={"Accept-Encoding": "gzip, br"})
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content)[:4] == plain.content[:4] == b"TFM1"
    for answer in (plain, packed):
        assert answer["Content-Type"] == "application/vnd.trufan.manifest"
        assert answer["Cache-Control"] == "private, no-store"
        assert "Accept-Encoding" in answer["Vary"]


def test_the_answer_is_not_repeated_while_nothing_changed(api, gus, event, tickets):
    first = api.as_(gus).get(url(event))
    again = api.as_(gus).get(url(event), headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    change(tickets[0], status="used", used_at=timezone.now())
    changed = api.as_(gus).get(url(event), headers={"If-None-Match": first["ETag"]})
    assert (changed.status_code, changed["ETag"] != first["ETag"]) == (200, True)
    Event.objects.update(configuration={"door": {"reentry": True}})
    assert api.as_(gus).get(url(event), headers={"If-None-Match": changed["ETag"]}).status_code == 200


def test_many_tickets_cost_no_more_queries_than_few(fetch, fay, event, ticket_type):
    counts = []
    fetch()  # which asks who Gus is
    for _ in range(2):
        buy(fay, ticket_type, 8)
        buy(fay, TicketTypeFactory(event=event))
        with CaptureQueriesContext(connection) as queries:
            fetch()
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 6


@pytest.mark.parametrize(
    "since",
    ["1", "abc", "0123456789ab-", "0123456789ab-" + "9" * 20, "0123456789ab-٣", "x' OR 1=1", "0123456789ab-1\n"],
)
def test_a_version_that_is_none_is_refused(api, gus, event, since):
    answer = api.as_(gus).get(url(event), {"since": since})
    assert (answer.status_code, answer.json()["error"]["details"][0]["field"]) == (422, "since")


def test_scanners_of_a_venue_have_a_limit_of_their_own(event):
    assert paths.is_doors(url(event))
    assert not paths.is_doors(f"/api/v1/events/{event.pk}/scans")
