"""Pictures of a car as it came, and what happened to it in our hands."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.files.base import File
from django.db import transaction

from accounts.grants import Permission, holders_of
from audit.trail import record
from notifications.outbox import send
from parking.valet.models import ValetIncident, ValetPhoto, ValetTicket
from trufan.lib import pictures
from trufan.lib.errors import Invalid

#: So many pictures a car.
MOST = 20


def add_photo(
    ticket: ValetTicket, file: File, *, words: str = "", incident: ValetIncident | None = None, by: Any
) -> ValetPhoto:
    """Keep a picture: small, upright, without what the camera wrote into it. Raises `Invalid`."""
    if ticket.photos.count() >= MOST:
        raise Invalid.field("picture", f"At most {MOST} pictures of a car.", "too_many")
    if incident is not None and incident.ticket_id != ticket.pk:
        raise Invalid.field("incident", "This incident is of another car.", "not_found")
    photo = ValetPhoto(ticket=ticket, incident=incident, words=words, taken_by=by)
    photo.picture = pictures.stored(photo, "picture", pictures.checked(file))
    with transaction.atomic():
        photo.save(force_insert=True)
        record("valet.photo_added", ticket, new={"photo": photo.pk, "incident": incident and incident.pk}, actor=by)
    return photo


def report(ticket: ValetTicket, *, words: str, happened_at: datetime | None, by: Any, now: datetime) -> ValetIncident:
    """Write down what happened, and tell those who manage the venue's parking. Raises `Invalid`."""
    if not words.strip():
        raise Invalid.field("words", "Say what happened.", "required")
    if happened_at is not None and happened_at > now:
        raise Invalid.field("happened_at", "This is still to come.", "in_the_future")
    with transaction.atomic():
        incident = ValetIncident.objects.create(
            ticket=ticket, happened_at=happened_at or now, words=words.strip(), reported_by=by
        )
        record("valet.incident_reported", ticket, new={"incident": incident.pk}, actor=by)
        _tell(incident, holders_of({Permission.MANAGE_PARKING}, ticket.venue_id))
    return incident


def _tell(incident: ValetIncident, people: Iterable[Any]) -> None:
    ticket = incident.ticket
    for person in people:
        send(
            "valet_incident",
            person.email,
            user=person,
            venue_id=ticket.venue_id,
            context={
                "lot": ticket.lot.name,
                "number": ticket.number,
                "vehicle": ticket.vehicle,
                "words": incident.words,
            },
            dedupe_key=f"valet_incident:{incident.pk}:{person.pk}",
        )
