"""The events of an order for the buyer's calendar."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.utils import translation
from django.utils.translation import gettext
from icalendar import Alarm
from icalendar import Event as Entry

from events import calendars
from events.models import Event
from notifications.attachments import File
from ticketing.models import Ticket
from ticketing.papers.holding import language_of, tickets_of

FILE_NAME = "events.ics"
#: How long before the event the calendar speaks up.
REMINDER = timedelta(hours=3)
_YEAR = timedelta(days=366)


def make(order_id: str) -> list[File]:
    """One `.ics` with an entry for each event that the buyer has a ticket for, at the venue's time.

    An event that was called off is in it as cancelled, whatever became of its tickets. The entry has the `UID` that the
    event's public calendar has, and a higher `SEQUENCE` after each change: a calendar moves what it has.
    """
    held = [
        ticket
        for ticket in tickets_of(order_id)
        if ticket.event.status == Event.Status.CANCELLED or ticket.status in (Ticket.Status.VALID, Ticket.Status.USED)
    ]
    return [(FILE_NAME, of_tickets(held), "text/calendar")] if held else []


def of_tickets(held: Iterable[Ticket]) -> bytes:
    """The calendar with an entry for each event of these tickets."""
    events: dict[Event, list[Ticket]] = {}
    for ticket in held:
        events.setdefault(ticket.event, []).append(ticket)
    all_off = all(event.status == Event.Status.CANCELLED for event in events)
    calendar = calendars.blank("CANCEL" if all_off else "PUBLISH")
    for event, tickets in sorted(events.items(), key=lambda pair: pair[0].starts_at):
        calendar.add_component(_entry(event, tickets))
    # The rules of the zone around the events, not of all years.
    days = [event.starts_at.date() for event in events]
    calendar.add_missing_timezones(first_date=min(days) - _YEAR, last_date=max(days) + _YEAR)
    data: bytes = calendar.to_ical()
    return data


def _entry(event: Event, tickets: list[Ticket]) -> Entry:
    entry = calendars.entry(event, event.venue.zone)
    if event.status == Event.Status.CANCELLED:
        return entry
    doors = event.doors_at.astimezone(event.venue.zone)
    with translation.override(language_of(tickets[0])):
        lines = [gettext("Doors {time}").format(time=f"{doors:%H:%M}"), *(_line(ticket) for ticket in tickets)]
    entry.pop("description", None)
    entry.add("description", "\n".join(lines))
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", str(entry["summary"]))
    alarm.add("trigger", -REMINDER)
    entry.add_component(alarm)
    return entry


def _line(ticket: Ticket) -> str:
    place = f", {ticket.seat}" if ticket.seat else ""
    words = gettext("Ticket {number}: {type}")
    return words.format(number=ticket.number, type=ticket.ticket_type.name) + place
