"""A seat has one live ticket."""

from __future__ import annotations

import pytest
from django.utils import timezone

from audit.models import AuditLog
from ticketing import seating
from ticketing.errors import SeatTaken, TicketRefunded
from ticketing.models import Ticket
from ticketing.tests.sales import buy
from trufan.lib.errors import Invalid
from trufan.testing import TicketTypeFactory


@pytest.fixture
def pair(fay, ticket_type):
    return buy(fay, ticket_type, 2)


def assign(ticket, seat, by):
    return seating.assign(ticket, seat, by, timezone.now())


def test_a_ticket_gets_its_seat_and_history_knows(pair, olga):
    assert assign(pair[0], "  A-12 ", olga).seat == "A-12"
    pair[0].refresh_from_db()
    assert pair[0].seat == "A-12"
    entry = AuditLog.objects.get(action="ticket.seat_assigned")
    assert (entry.actor_id, entry.old_values, entry.new_values["seat"]) == (olga.pk, {"seat": ""}, "A-12")


def test_a_taken_seat_is_refused(pair, olga):
    assign(pair[0], "A-12", olga)
    with pytest.raises(SeatTaken):
        assign(pair[1], "A-12", olga)
    pair[1].refresh_from_db()
    assert pair[1].seat == ""


def test_a_seat_spelled_in_small_letters_is_the_same_seat(pair, olga):
    assert assign(pair[0], "a-12", olga).seat == "A-12"

    with pytest.raises(SeatTaken):
        assign(pair[1], "a-12", olga)


def test_a_seat_is_free_again_once_it_was_left_or_refunded(pair, olga):
    assign(pair[0], "A-12", olga)
    assign(pair[0], "", olga)
    assign(pair[1], "A-12", olga)
    Ticket.objects.filter(pk=pair[1].pk).update(status="refunded")
    assert assign(pair[0], "A-12", olga).seat == "A-12"


def test_the_same_label_stands_in_every_event(pair, fay, olga):
    other = buy(fay, TicketTypeFactory())[0]
    assign(pair[0], "A-12", olga)
    assert assign(other, "A-12", olga).seat == "A-12"


def test_the_same_seat_again_changes_nothing(pair, olga):
    assign(pair[0], "A-12", olga)
    assign(pair[0], "A-12", olga)
    assert AuditLog.objects.filter(action="ticket.seat_assigned").count() == 1


def test_a_refunded_ticket_sits_nowhere(pair, olga):
    Ticket.objects.filter(pk=pair[0].pk).update(status="refunded")
    with pytest.raises(TicketRefunded):
        assign(pair[0], "A-12", olga)


def test_a_label_has_its_length(pair, olga):
    with pytest.raises(Invalid):
        assign(pair[0], "A" * 41, olga)
