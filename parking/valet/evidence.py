"""Pictures of a car as it came, and what happened to it in our hands.

Pictures show plates, and go as plates do (`ParkingLot.plate_days`). Of a car that something happened to they are kept
for a year: whoever claims damage, or is said to have done it, needs them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.grants import Permission, holders_of
from audit.trail import record
from notifications.outbox import notify
from parking.lots.models import ParkingLot
from parking.valet.models import ValetIncident, ValetPhoto, ValetTicket
from trufan.lib import pictures, retention
from trufan.lib.errors import Invalid

#: So many pictures a car.
MOST = 20
BATCH = 200


def add_photo(
    ticket: ValetTicket, file: File, *, words: str = "", incident: ValetIncident | None = None, by: Any
) -> ValetPhoto:
    """Keep a picture: small, upright, without what the camera wrote into it. Outside of any transaction.

    Raises `Invalid`.
    """
    _refuse_more(ticket)
    if incident is not None and incident.ticket_id != ticket.pk:
        raise Invalid.field("incident", "This incident is of another car.", "not_found")
    photo = _stored(ticket, file, words, by)
    with transaction.atomic():
        _keep(photo, incident, by)
    return photo


def report(
    ticket: ValetTicket,
    *,
    words: str,
    happened_at: datetime | None = None,
    file: File | None = None,
    by: Any,
    now: datetime,
) -> ValetIncident:
    """Write down what happened, with a picture where there is one, and tell those who manage the venue's parking.

    Raises `Invalid`.
    """
    if not words.strip():
        raise Invalid.field("words", "Say what happened.", "required")
    happened_at = _when(ticket, happened_at, now)
    if file is not None:
        _refuse_more(ticket)
    photo = _stored(ticket, file, "", by) if file is not None else None
    with transaction.atomic():
        incident = ValetIncident.objects.create(
            ticket=ticket, happened_at=happened_at, words=words.strip(), reported_by=by
        )
        record("valet.incident_reported", ticket, new={"incident": incident.pk}, actor=by)
        if photo is not None:
            _keep(photo, incident, by)
        _tell(incident, holders_of({Permission.MANAGE_PARKING}, ticket.venue_id))
    return incident


def forget_pictures(now: datetime) -> int:
    """The sweep `parking.valet_pictures`: pictures kept long enough go; how many. Safe to run twice at once.

    Those of a car that something happened to are kept for `VALET_DAYS`.
    """
    disputed = retention.before("VALET_DAYS", now)
    days = ParkingLot.objects.order_by().values_list("plate_days", flat=True).distinct()
    over = Q(ticket__ended_at__lt=disputed) if disputed else Q(pk__in=[])
    for kept in days:
        gone = Q(ticket__ended_at__lt=now - timedelta(days=kept), ticket__incidents=None)
        over |= Q(ticket__lot__plate_days=kept) & gone
    return erase(ValetPhoto.objects.filter(over), most=BATCH)


def erase(rows: QuerySet[ValetPhoto], *, most: int | None = None) -> int:
    """Take pictures away, at `most` so many, their files once that is committed; how many."""
    with transaction.atomic():
        ids = list(rows.order_by("pk").values_list("pk", flat=True).distinct()[:most])
        found = list(ValetPhoto.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
        ValetPhoto.objects.filter(pk__in=[photo.pk for photo in found]).delete()
        for photo in found:
            transaction.on_commit(partial(photo.picture.storage.delete, str(photo.picture.name)))
    return len(found)


def _refuse_more(ticket: ValetTicket) -> None:
    if ticket.photos.count() >= MOST:
        raise Invalid.field("picture", f"At most {MOST} pictures of a car.", "too_many")


def _stored(ticket: ValetTicket, file: File, words: str, by: Any) -> ValetPhoto:
    photo = ValetPhoto(ticket=ticket, words=words, taken_by=by)
    photo.picture.name = pictures.stored(photo, "picture", pictures.checked(file))
    return photo


def _keep(photo: ValetPhoto, incident: ValetIncident | None, by: Any) -> None:
    photo.incident = incident
    photo.save(force_insert=True)
    said = {"photo": photo.pk, **({"incident": incident.pk} if incident else {})}
    record("valet.photo_added", photo.ticket, new=said, actor=by)


def _when(ticket: ValetTicket, happened_at: datetime | None, now: datetime) -> datetime:
    if happened_at is None:
        return now
    if happened_at > now:
        raise Invalid.field("happened_at", "This is still to come.", "in_the_future")
    if happened_at < ticket.created_at:
        raise Invalid.field("happened_at", "The car was not in our hands yet.", "too_early")
    return happened_at


def _tell(incident: ValetIncident, people: Iterable[Any]) -> None:
    ticket = incident.ticket
    for person in people:
        notify(
            "valet_incident",
            user=person,
            email=person.email,
            venue_id=ticket.venue_id,
            context={
                "lot": ticket.lot.name,
                "number": ticket.number,
                "vehicle": ticket.vehicle,
                "words": incident.words,
            },
            dedupe_key=f"valet_incident:{incident.pk}:{person.pk}",
        )
