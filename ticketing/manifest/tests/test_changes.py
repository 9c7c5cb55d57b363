"""What changed since: a scanner that learns it knows what one knows that learns everything."""

from __future__ import annotations

import json
import random

import pytest
from django.core.management.sql import emit_post_migrate_signal
from django.db import connection
from django.utils import timezone

from ticketing import codes
from ticketing.door import checkin
from ticketing.manifest import versions
from ticketing.manifest.tests.scanner import Refused, Scanner
from ticketing.manifest.versions import Version
from ticketing.models import Ticket
from ticketing.tests.sales import buy
from trufan.testing import EventFactory, TicketTypeFactory

ELSEWHERE = "0123456789ab"


def test_the_triggers_stand(db):
    assert versions.missing(connection) == []


def test_triggers_that_a_migration_left_behind_stand_again_after_it(db):
    versions.uninstall(connection)
    assert versions.missing(connection)
    emit_post_migrate_signal(verbosity=0, interactive=False, db=connection.alias)
    assert versions.missing(connection) == []


def test_nothing_changed_is_nothing_to_learn(fetch, scanner, tickets):
    scanner.take(fetch())
    before = dict(scanner.tickets)
    scanner.take(fetch(scanner.header["version"]))
    assert (scanner.tickets, scanner.header["since"] is not None) == (before, True)


def test_every_way_to_write_a_ticket_counts(fetch, scanner, tickets):
    """Also those that no code of ours goes through."""

    def by_save(ticket):
        ticket.seat = "A-1"
        ticket.save()

    def by_save_of_one_field(ticket):
        ticket.code_version = 7
        ticket.save(update_fields=["code_version"])

    def by_bulk_update(ticket):
        ticket.status = "refunded"
        Ticket.objects.bulk_update([ticket], ["status"])

    def by_hand(ticket):
        with connection.cursor() as cursor:
            pk = ticket.pk if connection.vendor == "postgresql" else ticket.pk.hex
            cursor.execute("UPDATE ticketing_ticket SET code_version = 9 WHERE id = %s", [pk])

    def by_move(ticket):
        ticket.move("used", used_at=timezone.now())

    def by_update(ticket):
        Ticket.objects.filter(pk=ticket.pk).update(frozen_at=timezone.now())

    ways = [by_save, by_save_of_one_field, by_bulk_update, by_hand, by_move, by_update]
    for way, ticket in zip(ways, tickets, strict=True):
        scanner.take(fetch())
        way(ticket)
        content = fetch(scanner.header["version"])
        learned = Scanner(scanner.trusted, {"version": scanner.header["version"]})
        learned.take(content)
        assert str(ticket.pk) in learned.tickets, way.__name__


def test_a_stale_row_that_is_saved_does_not_hide_a_change(fetch, scanner, tickets):
    """Its object holds the number of long ago, and must not bring it back."""
    stale = Ticket.objects.get(pk=tickets[0].pk)
    for ticket in (tickets[1], tickets[0], tickets[0]):
        Ticket.objects.filter(pk=ticket.pk).update(seat="")
    scanner.take(fetch())
    stale.code_version = 5
    stale.save()
    scanner.take(fetch(scanner.header["version"]))
    assert scanner.tickets[str(stale.pk)]["code_version"] == 5


def test_tickets_sold_meanwhile_come_too(fetch, scanner, fay, ticket_type, tickets):
    scanner.take(fetch())
    late = buy(fay, ticket_type)[0]
    scanner.take(fetch(scanner.header["version"]))
    assert scanner.scan(codes.sign(late), timezone.now()) == ""


@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens_changes_and_everything_come_to_the_same(fetch, scanner, gus, fay, ticket_type, tickets, seed):
    rng = random.Random(seed)
    scanner.take(fetch())
    known = list(tickets)
    for number in range(25):
        ticket, now = rng.choice(known), timezone.now()
        row = Ticket.objects.filter(pk=ticket.pk)
        what = rng.choice(["scan", "freeze", "thaw", "transfer", "return", "refund", "sell", "undo"])
        if what == "scan":
            checkin.scan(codes.sign(ticket), by=gus, nonce=f"{seed}-{number}", now=now, gate=rng.choice("NS"))
        elif what == "sell" and len(known) < 10:
            known += buy(fay, ticket_type)
        elif what == "undo" and row.filter(status="used").exists():
            checkin.undo(row.get(), gus, "wrong one", now)
        else:
            fields = {
                "freeze": {"frozen_at": now}, "thaw": {"frozen_at": None}, "transfer": {"code_version": number + 2},
                "return": {"returning_at": now}, "refund": {"status": "refunded"},
            }  # fmt: skip
            row.update(**fields.get(what, {"seat": ""}))
        if rng.random() < 0.4:
            scanner.take(fetch(scanner.header["version"]))
    scanner.take(fetch(scanner.header["version"]))
    fresh = Scanner(scanner.trusted)
    fresh.take(fetch())
    assert scanner.tickets == fresh.tickets


def test_a_change_elsewhere_is_none_here(fetch, scanner, fay, venue, tickets):
    elsewhere = buy(fay, TicketTypeFactory(event=EventFactory(venue=venue)))[0]
    scanner.take(fetch())
    Ticket.objects.filter(pk=elsewhere.pk).update(seat="B-2")
    learned = Scanner(scanner.trusted, {"version": scanner.header["version"]})
    learned.take(fetch(scanner.header["version"]))
    assert str(elsewhere.pk) not in learned.tickets


def test_a_version_of_another_history_or_from_the_future_gets_everything(fetch, scanner, tickets):
    scanner.take(fetch())
    mine = Version.parse(scanner.header["version"])
    for since in (Version(ELSEWHERE, mine.number), Version(mine.history, mine.number + 10**12)):
        stranger = Scanner(scanner.trusted)
        stranger.take(fetch(str(since)))
        assert (stranger.header["since"], len(stranger.tickets)) == (None, 6)


def test_another_events_version_gets_everything(fetch, scanner, api, ada, tickets):
    other = EventFactory()
    content = api.as_(ada).get(f"/api/v1/events/{other.pk}/checkin/manifest").content
    length = int.from_bytes(content[4:8], "big")
    theirs = json.loads(content[8 : 8 + length])["version"]
    scanner.take(fetch(theirs))
    assert (scanner.header["since"], len(scanner.tickets)) == (None, 6)


def test_changes_for_another_scanner_are_not_taken(fetch, scanner, tickets):
    scanner.take(fetch())
    old = scanner.header["version"]
    Ticket.objects.filter(pk=tickets[0].pk).update(seat="A-1")
    scanner.take(fetch(old))
    newer = Scanner(scanner.trusted)
    with pytest.raises(Refused, match="made for another"):
        newer.take(fetch(old))
