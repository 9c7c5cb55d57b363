"""Many scanners at the same moment: one lets the person in."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.utils import timezone

from orders.refunding import refund_order
from ticketing import codes
from ticketing.door import checkin
from ticketing.errors import NonceReused, NotAdmitted
from ticketing.models import Scan, Ticket
from ticketing.tests.sales import buy
from trufan.lib.errors import DomainError
from trufan.testing import StaffFactory, TicketTypeFactory, at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def scan(code, by, nonce, gate=""):
    return checkin.scan(code, by=by, nonce=nonce, gate=gate, now=timezone.now())


def test_twenty_scanners_let_one_person_in(ticket, venue):
    stewards = [StaffFactory(venue=venue, role="door").user for _ in range(20)]
    code = codes.sign(ticket)

    answers = at_once(20, lambda n: scan(code, stewards[n], "n-1", f"Gate {n}"))

    assert Counter((a.result, a.reason) for a in answers) == {("accepted", ""): 1, ("refused", "already_used"): 19}
    accepted = next(a for a in answers if a.result == "accepted")
    assert Scan.objects.count() == 20
    assert {a.previous_id for a in answers if a.reason} == {accepted.pk}
    ticket.refresh_from_db()
    assert (ticket.status, ticket.used_gate) == ("used", accepted.gate)


def test_a_scan_sent_twenty_times_is_one_scan(ticket, gus):
    code = codes.sign(ticket)
    answers = at_once(20, lambda n: scan(code, gus, "n-1"))
    assert {(a.pk, a.result) for a in answers} == {(Scan.objects.get().pk, "accepted")}


def test_a_nonce_for_two_codes_at_once_is_good_for_one(fay, gus, ticket_type):
    tickets = buy(fay, ticket_type, 2)
    texts = [codes.sign(ticket) for ticket in tickets]

    answers = at_once(10, lambda n: scan(texts[n % 2], gus, "n-1"))

    assert Counter(type(a) for a in answers) == {Scan: 5, NonceReused: 5}
    assert Scan.objects.count() == 1
    assert Ticket.objects.filter(status="used").count() == 1


def test_a_ticket_that_is_refunded_while_it_is_scanned_ends_in_one_way(fay, gus, olga, event):
    """Either it was let in and then refunded, or it was refused: never let in after the refund."""
    free = TicketTypeFactory(event=event, price=0)
    for _ in range(5):
        ticket = buy(fay, free)[0]
        code = codes.sign(ticket)

        def act(n: int, code: str = code, ticket: Ticket = ticket) -> Any:
            if n:
                return scan(code, gus, f"{ticket.pk}-{n}")
            return refund_order(ticket.order, by=olga, reason="", now=timezone.now())

        answers = at_once(4, act)
        assert not [a for a in answers if isinstance(a, DomainError)]
        ticket.refresh_from_db()
        assert ticket.status == "refunded"
        assert Counter(a.result for a in answers[1:])["accepted"] <= 1
        free.refresh_from_db()
        assert (free.held, free.sold) == (0, 0)


def test_a_scan_and_a_steward_let_one_person_in_once(ticket, gus, olga):
    code = codes.sign(ticket)

    def act(n):
        return scan(code, gus, f"n-{n}") if n % 2 else checkin.admit(ticket, olga, timezone.now(), "North")

    answers = at_once(12, act)

    accepted = [a for a in answers if isinstance(a, Scan) and a.result == "accepted"]
    assert len(accepted) == Scan.objects.filter(result="accepted").count() == 1
    assert {type(a) for a in answers if a not in accepted} <= {Scan, NotAdmitted}
