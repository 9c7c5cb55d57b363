"""What tickets tell about a person, and what stays when that is erased."""

from __future__ import annotations

from django.utils import timezone

from accounts import personal_data
from ticketing import codes
from ticketing.door import checkin
from ticketing.models import Scan, Ticket
from ticketing.tests.sales import buy
from trufan.testing import UserFactory


def test_an_export_has_the_persons_tickets_without_codes(fay, ticket, ticket_type):
    buy(UserFactory(), ticket_type)
    exported = personal_data.export_all(fay)["tickets"]
    (row,) = exported["held_or_bought"]
    assert (row["number"], row["event"], row["holder_name"]) == (ticket.number, "Opening Night", "Fay Fan")
    assert codes.sign(ticket) not in str(exported)


def test_an_export_has_what_a_steward_did(gus, ticket):
    checkin.scan(codes.sign(ticket), by=gus, nonce="n", gate="North", now=timezone.now())
    (row,) = personal_data.export_all(gus)["tickets"]["scans_made"]
    assert (row["gate"], row["result"]) == ("North", "accepted")


def test_erasing_takes_the_name_and_leaves_the_ticket(fay, gus, ticket, ticket_type):
    finn = UserFactory(first_name="Finn", last_name="Fan")
    other = buy(finn, ticket_type)[0]
    checkin.scan(codes.sign(ticket), by=gus, nonce="n", now=timezone.now())

    personal_data.erase_all(fay, timezone.now())

    ticket.refresh_from_db()
    other.refresh_from_db()
    assert (ticket.holder_name, ticket.status) == ("", "used")
    assert other.holder_name == "Finn Fan"
    assert Scan.objects.count() == 1
    assert Ticket.objects.count() == 2
