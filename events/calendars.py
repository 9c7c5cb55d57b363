"""An event as a calendar keeps it (RFC 5545)."""

from __future__ import annotations

from datetime import UTC, tzinfo
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from icalendar import Calendar, vGeo
from icalendar import Event as Entry

from events.models import Event
from venues.models import Venue

CONTENT_TYPE = "text/calendar; charset=utf-8"
#: Control characters have no place in calendar text; line breaks are escaped by the library.
_CONTROLS = {code: None for code in (*range(32), 127) if chr(code) not in "\n\t"}


def ics(event: Event) -> bytes:
    """The event as one calendar entry. The same `UID` comes with every version, so that a calendar updates its copy."""
    calendar = blank("PUBLISH")
    calendar.add_component(entry(event))
    return calendar.to_ical()


def blank(method: str) -> Calendar:
    """A calendar without entries. `method` is of RFC 5546: PUBLISH, or CANCEL when all that it holds is off."""
    calendar = Calendar()
    calendar.add("prodid", "-//TruFan//TruFan//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    return calendar


def entry(event: Event, zone: tzinfo = UTC) -> Entry:
    """The event, its times in `zone`. A later version has a higher `SEQUENCE`: the event's age when it last changed."""
    made = Entry()
    for name, value in _properties(event, zone).items():
        made.add(name, value)
    return made


def _properties(event: Event, zone: tzinfo) -> dict[str, Any]:
    host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    changed = event.updated_at.astimezone(UTC).replace(microsecond=0)
    said = {
        "uid": f"{event.pk}@{host}",
        "dtstamp": changed,
        "last-modified": changed,
        "sequence": max(0, int((event.updated_at - event.created_at).total_seconds())),
        "dtstart": event.starts_at.astimezone(zone),
        "dtend": event.ends_at.astimezone(zone),
        "summary": _text(event.name),
        "description": _text(event.description),
        "location": _text(address(event.venue)),
        "status": "CANCELLED" if event.status == Event.Status.CANCELLED else "CONFIRMED",
        "url": settings.PUBLIC_URL + reverse("event-detail", args=[event.pk]),
    }
    if event.venue.latitude is not None and event.venue.longitude is not None:
        said["geo"] = vGeo((event.venue.latitude, event.venue.longitude))
    return {name: value for name, value in said.items() if value != ""}


def address(venue: Venue) -> str:
    """Name and address in one line."""
    town = " ".join(part for part in (venue.region, venue.postal_code) if part)
    return ", ".join(part for part in (venue.name, venue.street, venue.city, town, venue.country) if part)


def _text(value: str) -> str:
    return value.replace("\r\n", "\n").replace("\r", "\n").translate(_CONTROLS)
