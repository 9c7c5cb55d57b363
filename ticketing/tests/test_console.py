"""The console keeps ticket types within their event, and lets staff help a holder at the door."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from audit.models import AuditLog
from events.models import Event
from ticketing.models import Scan, Ticket, TicketType
from trufan.tests.console_client import as_, buttons_on, errors_of, press, url
from trufan.tests.console_rows import sale_of


@pytest.fixture
def ticket(ticket_type: TicketType, fay: User) -> Ticket:
    row: Ticket = sale_of(ticket_type, fay, "Fay")[Ticket]
    row.scans.all().delete()
    Ticket.objects.filter(pk=row.pk).update(status="valid", used_at=None, inside=False, entries=0, last_in_at=None)
    row.refresh_from_db()
    return row


def form(event: Event, **changes: Any) -> dict[str, Any]:
    typed = {
        "event": event.pk, "name": "Balcony", "description": "", "price": "65.00", "quantity": 200,
        "min_per_order": 1, "max_per_order": 8, "visibility": "open", "position": 0,
    }  # fmt: skip
    return typed | changes


def test_a_price_is_typed_as_people_write_it(olga: User, event: Event) -> None:
    assert as_(olga).post(url(TicketType, "add"), form(event)).status_code == 302
    row = TicketType.objects.get(name="Balcony")
    assert (row.price, row.quantity) == (6500, 200)
    event.refresh_from_db()
    assert event.allocated == 200
    shown = as_(olga).get(url(TicketType, "change", row.pk)).context["adminform"].form
    assert shown["price"].value() == "65.00"


@pytest.mark.parametrize("price", ["65.001", "lots", "-1", ""])
def test_a_price_that_is_none_is_refused(price: str, olga: User, event: Event) -> None:
    response = as_(olga).post(url(TicketType, "add"), form(event, price=price))
    assert "price" in response.context["adminform"].form.errors
    assert not TicketType.objects.exists()


def test_more_tickets_than_the_event_has_room_for_are_refused_on_the_form(olga: User, event: Event) -> None:
    response = as_(olga).post(url(TicketType, "add"), form(event, quantity=2000))
    assert "room for" in errors_of(response)
    assert not TicketType.objects.exists()


def test_a_name_twice_is_refused_on_the_form(olga: User, ticket_type: TicketType) -> None:
    response = as_(olga).post(url(TicketType, "add"), form(ticket_type.event, name=ticket_type.name))
    assert "already" in errors_of(response)
    assert TicketType.objects.count() == 1


def test_fewer_than_were_sold_are_refused_on_the_form(olga: User, ticket: Ticket) -> None:
    kind = ticket.ticket_type
    TicketType.objects.filter(pk=kind.pk).update(sold=50)
    typed = form(kind.event, name=kind.name, price="50.00", quantity=20)
    response = as_(olga).post(url(TicketType, "change", kind.pk), typed)
    assert "51" in errors_of(response)
    kind.refresh_from_db()
    assert kind.quantity == 100


def test_sales_times_are_read_by_the_venues_clock(olga: User, event: Event) -> None:
    as_(olga).post(url(TicketType, "add"), form(event, sales_start_0="2030-01-04", sales_start_1="09:00"))
    assert TicketType.objects.get().sales_start.isoformat() == "2030-01-04T14:00:00+00:00"


def test_the_door_checks_a_ticket_in_by_hand_once(gus: User, ticket: Ticket) -> None:
    assert press(gus, ticket, "check-in") == f"Ticket {ticket} is checked in."
    ticket.refresh_from_db()
    assert ticket.status == "used"
    assert Scan.objects.filter(ticket=ticket, scanned_by=gus, result="accepted", method="by_hand").count() == 1

    refusal = press(gus, ticket, "check-in")
    assert refusal and "checked in" not in refusal
    assert Scan.objects.filter(ticket=ticket, scanned_by=gus).count() == 1


def test_a_check_in_is_taken_back_with_a_reason(gus: User, ticket: Ticket) -> None:
    press(gus, ticket, "check-in")
    assert press(gus, ticket, "undo-check-in", reason="Wrong person") == f"Ticket {ticket} is valid again."
    ticket.refresh_from_db()
    assert ticket.status == "valid"
    assert AuditLog.objects.get(action="ticket.check_in_undone").new_values["reason"] == "Wrong person"
    assert "cannot become" in press(gus, ticket, "undo-check-in", reason="Again")


def test_the_kitchen_checks_nobody_in(ticket: Ticket, gus: User) -> None:
    gus.venue_staff.update(role="kitchen")
    response = as_(gus).post(url(Ticket, "button", ticket.pk, "check-in"))
    assert response.status_code in (302, 403)
    ticket.refresh_from_db()
    assert ticket.status == "valid"


def test_a_seat_is_given_once(olga: User, ticket: Ticket, ticket_type: TicketType, fay: User) -> None:
    other = sale_of(ticket_type, fay, "Other")[Ticket]
    assert "settled" in press(olga, ticket, "seat", seat="A-12")
    ticket.refresh_from_db()
    assert ticket.seat == "A-12"
    assert "has seat A-12" in press(olga, other, "seat", seat="A-12")


def test_a_page_offers_what_its_reader_may_do(olga: User, gus: User, ticket: Ticket) -> None:
    assert buttons_on(olga, ticket) == {"check-in", "seat", "attendee"}
    assert buttons_on(gus, ticket) == {"check-in"}
    press(gus, ticket, "check-in")
    assert buttons_on(gus, ticket) == {"undo-check-in", "let-out"}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"min_per_order": 9}, "less than the minimum"),
        ({"sales_start_0": "2030-01-04", "sales_start_1": "09:00", "sales_end_0": "2030-01-03", "sales_end_1": "09:00"},
         "Sales end after they start"),
    ],
)  # fmt: skip
def test_contradictions_are_refused_in_words(wrong: dict[str, Any], words: str, olga: User, event: Event) -> None:
    assert words in errors_of(as_(olga).post(url(TicketType, "add"), form(event, **wrong)))
    assert not TicketType.objects.exists()


def test_readers_see_a_price_as_people_write_it(gus: User, ticket_type: TicketType) -> None:
    page = as_(gus).get(url(TicketType, "change", ticket_type.pk)).content.decode()
    assert "$50.00" in page
    assert "100 left" in page
