"""Drivers are forgotten, by age or with the order that they hang on; stays, charges and claims stay."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from orders.models import OrderItem
from orders.signals import buyers_forgotten
from parking.booking import personal as booking
from parking.booking import quoting
from parking.booking.models import ParkingOffer, ParkingReservation
from parking.stays import erasure
from parking.stays.models import ParkingSession
from parking.valet import evidence
from parking.valet.models import ValetPhoto, ValetTicket
from trufan.lib import retention
from trufan.lib.retention import Kind, Staying
from trufan.lib.words import lazy as _

_KNOWN = ~Q(contact_email="", contact_phone="")
_NOTED = ~Q(vehicle="", notes="")


def forget_buyers(sender: Any, *, order_ids: Sequence[UUID], now: datetime, **kwargs: Any) -> None:
    """Orders forgot who bought them: so do their reservations and stays. A car that is there keeps its plate."""
    theirs = ParkingReservation.objects.filter(order__in=order_ids, holder=None)
    erasure.forget(ParkingSession.objects.filter(reservation__in=theirs, user=None))
    theirs.update(holder_name="")
    booking.blank(theirs.exclude(status=ParkingReservation.Status.INSIDE))
    lines = OrderItem.objects.filter(order__in=order_ids, item_type=ParkingOffer.sellable_type)
    offers = ParkingOffer.objects.filter(pk__in=list(lines.values_list("item_id", flat=True)))
    offers.exclude(plate="").update(plate="", plate_key="")


def forget_contacts(now: datetime) -> int:
    """The sweep `parking.contacts`: e-mail addresses and phones of guests whose car left long ago; how many stays."""
    before = retention.before("STAY_CONTACT_DAYS", now)
    if before is None:
        return 0
    ids = retention.batch(_guests().filter(ended_at__lt=before).order_by("ended_at"))
    return ParkingSession.objects.filter(pk__in=ids).update(contact_email="", contact_phone="")


def forget_notes(now: datetime) -> int:
    """The sweep `parking.valet_notes`: what a valet noted of cars handed over long ago; how many."""
    before = retention.before("VALET_DAYS", now)
    if before is None:
        return 0
    ids = retention.batch(_noted().filter(ended_at__lt=before).order_by("ended_at"))
    return ValetTicket.objects.filter(pk__in=ids).update(vehicle="", notes="")


def connect() -> None:
    """Called when the app is ready: what parking keeps, and for how long."""
    buyers_forgotten.connect(forget_buyers, dispatch_uid="parking.forget_buyers")
    for kind in [*_of_cars(), *_of_people()]:
        retention.declare(kind)
    retention.stays(
        Staying(
            "parking.incidents",
            _("What happened to a car in a valet's hands"),
            _("It is the record that a claim is decided by; it names the ticket and no person."),
            ("parking.ValetIncident.words", "parking.ValetPhoto.words"),
        )
    )
    retention.stays(
        Staying(
            "parking.own",
            _("Vehicles that people saved, and the name on a reservation"),
            _("They are their owner's, until removed by them, by erasing the account, or with a guest's order."),
            (
                "parking.Vehicle.plate",
                "parking.Vehicle.plate_key",
                "parking.Vehicle.name",
                "parking.ParkingReservation.holder_name",
            ),
        )
    )


def _of_cars() -> list[Kind]:
    models = ("ParkingOffer", "ParkingReservation", "ReservationChange", "ParkingSession", "GateEvent")
    return [
        Kind(
            "parking.plates",
            _("Plates of cars that left"),
            _("The gate knows a car by them, and a ticket for a wrong stay is contested with them."),
            erasure.erase_plates,
            retention.oldest_of(
                lambda: ParkingSession.objects.filter(ended_at__isnull=False).exclude(plate=""), "ended_at"
            ),
            term=_("as each lot says"),
            fields=tuple(f"parking.{model}.{name}" for model in models for name in ("plate", "plate_key")),
        ),
        Kind(
            "parking.valet_pictures",
            _("Pictures of cars that valets took"),
            _("They show the car's state when it was handed over."),
            evidence.forget_pictures,
            retention.oldest_of(ValetPhoto.objects.all, "created_at"),
            term=_("as each lot says; with an incident as the valet's notes"),
            fields=("parking.ValetPhoto.picture",),
        ),
        Kind(
            "parking.valet_notes",
            _("What a valet noted of a car"),
            _("Claims for damage come late."),
            forget_notes,
            retention.oldest_of(lambda: _noted().filter(ended_at__isnull=False), "ended_at"),
            setting="VALET_DAYS",
            fields=("parking.ValetTicket.vehicle", "parking.ValetTicket.notes"),
            pace=retention.HOURLY,
        ),
    ]


def _of_people() -> list[Kind]:
    return [
        Kind(
            "parking.offers",
            _("Quotes that nobody bought"),
            _("A cart may still name one."),
            quoting.forget_unsold,
            retention.oldest_of(ParkingOffer.objects.all, "created_at"),
            term=_("a day after they ended"),
        ),
        Kind(
            "parking.contacts",
            _("E-mail address and phone of a stay without an account"),
            _("Receipts and questions about a stay."),
            forget_contacts,
            retention.oldest_of(lambda: _guests().filter(ended_at__isnull=False), "ended_at"),
            setting="STAY_CONTACT_DAYS",
            fields=("parking.ParkingSession.contact_email", "parking.ParkingSession.contact_phone"),
            pace=retention.HOURLY,
        ),
    ]


def _guests() -> QuerySet[ParkingSession]:
    return ParkingSession.objects.filter(_KNOWN, user=None)


def _noted() -> QuerySet[ValetTicket]:
    return ValetTicket.objects.filter(_NOTED)
