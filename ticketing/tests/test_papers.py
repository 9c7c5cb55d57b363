"""Tickets on paper and in a calendar, as they are attached to a mail."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from fpdf.image_parsing import get_img_info
from icalendar import Calendar

from events.models import Event
from notifications import attachments
from notifications.models import Notification
from notifications.outbox import send
from orders.receipts.tests.reading import text_of
from ticketing import codes
from ticketing.models import Ticket
from ticketing.papers import calendar, scripts, tickets
from ticketing.tests.sales import buy
from trufan.lib import qr
from trufan.testing import EventFactory, TicketTypeFactory

pytestmark = pytest.mark.django_db


def pages_of(pdf: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b", pdf))


def codes_in(pdf: bytes) -> list[bytes]:
    """The pictures of the file, compressed as they are in it."""
    streams = re.findall(rb"\d+ 0 obj\n<<(.*?)>>\nstream\n(.*?)\nendstream", pdf, re.DOTALL)
    return [body for head, body in streams if b"/Subtype /Image" in head]


def pixels(ticket: Ticket) -> bytes:
    """The ticket's code, compressed as a PDF has it."""
    png = io.BytesIO(qr.picture(codes.sign(ticket), "png", "Ticket"))
    return bytes(get_img_info("code", png, "AUTO", None)["data"])


def pdf_of(order_id) -> bytes:
    ((name, body, kind),) = tickets.make(str(order_id))
    assert (name, kind) == ("tickets.pdf", "application/pdf")
    return body


def ics_of(order_id) -> Calendar:
    ((name, body, kind),) = calendar.make(str(order_id))
    assert (name, kind) == ("events.ics", "text/calendar")
    return Calendar.from_ical(body)


def test_each_ticket_has_a_page_with_its_code_and_what_is_to_know(fay, event, ticket_type):
    Event.objects.filter(pk=event.pk).update(
        starts_at=datetime(2030, 7, 4, 0, 30, tzinfo=UTC),
        ends_at=datetime(2030, 7, 4, 2, 30, tzinfo=UTC),
        doors_at=datetime(2030, 7, 3, 22, 30, tzinfo=UTC),
    )
    bought = buy(fay, ticket_type, 2)
    Ticket.objects.filter(pk=bought[0].pk).update(seat="112-A-12", holder_name="Zoë Łukasiewicz")
    body = pdf_of(bought[0].order_id)
    assert pages_of(body) == 2
    text = text_of(body)
    for said in (
        "Garden Arena", "Opening Night", "Wednesday, 3 July 2030, 20:30", "Wednesday, 3 July 2030, 18:30",
        "General Admission", "112-A-12", "Zoë Łukasiewicz", bought[0].number, bought[1].number,
        bought[0].order.number, "Garden Arena, New York, US", "Ticket 1 of 2.", "Ticket 2 of 2.",
    ):  # fmt: skip
        assert said in text, said
    assert codes_in(body) == [pixels(ticket) for ticket in bought]
    assert f"QR code of ticket {bought[1].number}".encode() in body


def test_the_file_is_the_same_each_time_it_is_made(fay, ticket_type):
    bought = buy(fay, ticket_type, 2)
    assert pdf_of(bought[0].order_id) == pdf_of(bought[0].order_id)


@pytest.mark.parametrize(
    "change",
    [
        {"status": "refunded"},
        {"status": "used", "used_at": timezone.now()},
        {"frozen_at": timezone.now()},
        {"returning_at": timezone.now()},
    ],
    ids=lambda change: next(iter(change)) + str(change.get("status", "")),
)
def test_a_ticket_that_admits_nobody_is_not_in_it_and_without_any_there_is_no_file(fay, ticket_type, change):
    first, second = buy(fay, ticket_type, 2)
    Ticket.objects.filter(pk=first.pk).update(**change)
    assert codes_in(pdf_of(first.order_id)) == [pixels(second)]
    Ticket.objects.filter(pk=second.pk).update(**change)
    assert tickets.make(str(first.order_id)) == []


def test_a_ticket_that_was_given_away_is_not_in_it_nor_one_of_a_cancelled_event(fay, gus, ticket_type):
    first, second = buy(fay, ticket_type, 2)
    Ticket.objects.filter(pk=first.pk).update(holder=gus)
    assert codes_in(pdf_of(first.order_id)) == [pixels(second)]
    Event.objects.update(status="cancelled")
    assert tickets.make(str(first.order_id)) == []


def test_a_guest_has_them_too(ticket_type):
    (bought,) = buy(None, ticket_type)
    body = pdf_of(bought.order_id)
    assert codes_in(body) == [pixels(bought)]
    assert "Gil Guest" in text_of(body)


@pytest.mark.parametrize(
    ("name", "drawn"),
    [
        ("Ольга Ґ.", "Ольга Ґ."),
        ("שרה", "הרש"),
        ("محمد", "\ufeaa\ufee4\ufea4\ufee3"),
        ("Żaneta\r\nBcc", "Żaneta Bcc"),
        ("李雷", ""),
    ],
)
def test_names_are_drawn_as_they_are_read_or_left_out(fay, ticket_type, name, drawn):
    (bought,) = buy(fay, ticket_type)
    Ticket.objects.filter(pk=bought.pk).update(holder_name=name)
    text = text_of(pdf_of(bought.order_id))
    assert ("\nName\n" in text) is bool(drawn)
    assert drawn in text


def test_letters_join_only_where_they_do():
    glyphs = range(0x110000)
    assert scripts.drawable("دار", glyphs) == "\ufead\ufe8d\ufea9"
    assert scripts.drawable("علي Ali", glyphs).startswith("Ali ") or scripts.drawable("علي Ali", glyphs).endswith("Ali")


def test_a_hundred_tickets_are_made_in_a_constant_number_of_queries(fay, ticket_type, django_assert_num_queries):
    ticket_type.max_per_order = 100
    ticket_type.save()
    bought = buy(fay, ticket_type, 30)
    with django_assert_num_queries(1):
        body = pdf_of(bought[0].order_id)
    assert pages_of(body) == 30
    assert len(body) < 500_000
    with django_assert_num_queries(1):
        calendar.make(str(bought[0].order_id))


def test_the_calendar_has_an_entry_for_each_event_at_the_venue_s_time(fay, venue, event, ticket_type):
    Event.objects.filter(pk=event.pk).update(
        starts_at=datetime(2030, 7, 4, 0, 30, tzinfo=UTC),
        ends_at=datetime(2030, 7, 4, 2, 30, tzinfo=UTC),
        doors_at=datetime(2030, 7, 3, 22, 30, tzinfo=UTC),
    )
    (bought,) = buy(fay, ticket_type)
    second = TicketTypeFactory(event=EventFactory(venue=venue, name="Second Night"))
    (other,) = buy(fay, second)
    Ticket.objects.filter(pk=other.pk).update(order=bought.order_id)
    body = ics_of(bought.order_id)
    one, two = sorted(body.walk("VEVENT"), key=lambda entry: entry["SUMMARY"])
    assert body["METHOD"] == "PUBLISH"
    assert (one["SUMMARY"], two["SUMMARY"]) == ("Opening Night", "Second Night")
    assert one["UID"].startswith(f"{event.pk}@")
    assert one["DTSTART"].params["TZID"] == "America/New_York"
    assert one["DTSTART"].to_ical() == b"20300703T203000"
    assert one["LOCATION"] == "Garden Arena, New York, US"
    assert one["URL"].endswith(f"/api/v1/events/{event.pk}")
    assert f"Ticket {bought.number}: General Admission" in one["DESCRIPTION"]
    assert "Doors 18:30" in one["DESCRIPTION"]
    (alarm,) = one.walk("VALARM")
    assert alarm["TRIGGER"].dt == -timedelta(hours=3)
    assert [zone["TZID"] for zone in body.walk("VTIMEZONE")] == ["America/New_York"]
    assert len(body.to_ical()) < 5_000


def test_an_event_that_moves_keeps_its_entry_and_raises_its_sequence(fay, event, ticket_type):
    (bought,) = buy(fay, ticket_type)
    before = ics_of(bought.order_id).walk("VEVENT")[0]
    Event.objects.filter(pk=event.pk).update(
        updated_at=event.updated_at + timedelta(minutes=5), ends_at=event.ends_at + timedelta(days=1)
    )
    after = ics_of(bought.order_id).walk("VEVENT")[0]
    assert before["UID"] == after["UID"]
    assert after["SEQUENCE"] == before["SEQUENCE"] + 300
    assert after["DTEND"].dt - before["DTEND"].dt == timedelta(days=1)


def test_a_cancelled_event_is_taken_out_of_the_calendar_also_when_the_tickets_are_refunded(fay, event, ticket_type):
    (bought,) = buy(fay, ticket_type)
    Event.objects.filter(pk=event.pk).update(status="cancelled")
    Ticket.objects.update(status="refunded")
    body = ics_of(bought.order_id)
    assert (body["METHOD"], body.walk("VEVENT")[0]["STATUS"]) == ("CANCEL", "CANCELLED")
    assert body.walk("VALARM") == []


def test_who_has_no_ticket_left_has_no_calendar_either(fay, ticket_type):
    (bought,) = buy(fay, ticket_type)
    Ticket.objects.update(status="refunded")
    assert calendar.make(str(bought.order_id)) == []


def test_both_go_with_a_mail_that_names_them(fay, ticket_type, mailoutbox):
    (bought,) = buy(fay, ticket_type)
    row = send("password_changed", "fay@example.com")
    Notification.objects.filter(pk=row.pk).update(
        attachments=[["tickets", str(bought.order_id)], ["calendar", str(bought.order_id)]]
    )
    row.refresh_from_db()
    assert [file[0] for file in attachments.make(row).files] == ["tickets.pdf", "events.ics"]
