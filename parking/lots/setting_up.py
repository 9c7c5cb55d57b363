"""Setting up lots: what they are, what they cost, and whether they are open."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext

from audit.trail import record
from orders.menu.vocabulary import checked as known_marks
from parking.errors import LotNameTaken, LotNotReady
from parking.lots import hours, writing
from parking.lots.hours import Span
from parking.lots.models import ParkingLot
from parking.lots.readiness import missing, refuse_lacking
from parking.pricing import configuration
from parking.rates import tariff
from payments.models import ConnectedAccount
from trufan.lib.errors import Detail, Invalid
from trufan.lib.ids import uuid7
from venues.models import Venue

Status = ParkingLot.Status
#: What staff may set; the venue stays, the status has rules of its own.
FIELDS = (
    "name", "slug", "description", "operator_name", "connected_account", "street", "city", "region", "postal_code",
    "country", "latitude", "longitude", "hours", "height_limit_cm", "amenities", "tariff", "pricing",
    "takes_reservations", "takes_drive_ups", "has_barrier", "allows_reentry", "quote_minutes", "early_entry_minutes",
    "no_show_minutes", "cancel_free_minutes", "cancel_fee", "assumed_stay_minutes", "exit_grace_minutes",
    "overstay_percent", "overstay_grace_minutes", "lost_ticket_price", "valet_minutes", "plate_days",
)  # fmt: skip
#: What staying longer than paid for may cost, in percent of the tariff.
LEAST_OVERSTAY, MOST_OVERSTAY = 100, 1_000
_SLUG_LENGTH = 80


def create(venue: Venue, by: Any, *, opening_hours: Iterable[Span] = (), **fields: Any) -> ParkingLot:
    """A new lot, not open yet; `name`, `latitude` and `longitude` at least. Without a `slug` one is made of the name.

    Raises `LotNameTaken`, and `Invalid` with a detail for every problem, by its path.
    """
    given = _checked(venue, fields)
    given["slug"] = given.get("slug") or _free_slug(given["name"])
    with transaction.atomic():
        lot = writing.add(ParkingLot(venue=venue), by, given, "parking_lot.created", _taken)
        hours.write(lot, opening_hours)
    return lot


def change(lot: ParkingLot, by: Any, *, opening_hours: Iterable[Span] | None = None, **fields: Any) -> ParkingLot:
    """Change some fields; `opening_hours` replace all there were. What is sold already keeps its tariff.

    Raises `LotNameTaken`, `Invalid`, and `LotNotReady` where an open lot would come to lack what it needs.
    """
    with transaction.atomic():
        fresh = writing.locked(lot)
        given = _checked(fresh.venue, {name: value for name, value in fields.items() if name != "slug" or value})
        lacked = missing(fresh)
        changes = writing.set_fields(fresh, given)
        if opening_hours is not None:
            hours.replace(fresh, by, opening_hours)
        refuse_lacking(fresh, lacked)
        writing.save(fresh, by, changes, "parking_lot.changed", _taken)
    return fresh


def open_lot(lot: ParkingLot, by: Any) -> ParkingLot:
    """Let cars in and be found. Open already: nothing changes. Raises `LotNotReady`, naming all that is missing."""
    with transaction.atomic():
        fresh = writing.locked(lot)
        if fresh.status == Status.OPEN:
            return fresh
        if lacking := missing(fresh):
            raise LotNotReady(details=lacking)
        before = fresh.status
        fresh.move(Status.OPEN)
        record("parking_lot.opened", fresh, old={"status": before}, new={"status": Status.OPEN}, actor=by)
    return fresh


def close(lot: ParkingLot, by: Any) -> ParkingLot:
    """Let no more cars in and sell nothing more; who is inside drives out, and what is reserved stays reserved.

    Closed already: nothing changes. Raises `InvalidMove` for one that never was open.
    """
    with transaction.atomic():
        fresh = writing.locked(lot)
        if fresh.status == Status.CLOSED:
            return fresh
        before = fresh.status
        fresh.move(Status.CLOSED)
        record("parking_lot.closed", fresh, old={"status": before}, new={"status": Status.CLOSED}, actor=by)
    return fresh


# -- What may be said --


def _tariff(venue: Venue, given: Any) -> Any:
    if given != {}:
        tariff.parse(given, "tariff")
    return given


def _pricing(venue: Venue, given: Any) -> Any:
    configuration.parse(given, "pricing")
    return given


def _amenities(venue: Venue, given: Any) -> list[str]:
    return known_marks("amenities", given, ParkingLot.Amenity)


def _account(venue: Venue, given: ConnectedAccount | None) -> ConnectedAccount | None:
    if given is not None and given.venue_id != venue.pk:
        raise Invalid.field("connected_account", gettext("This venue has no such account."), "not_found")
    return given


def _overstay(venue: Venue, given: int | None) -> int | None:
    if given is not None and not LEAST_OVERSTAY <= given <= MOST_OVERSTAY:
        message = gettext(
            "From {least_overstay} to {most_overstay} percent: staying on is never cheaper than asking in time."
        ).format(least_overstay=LEAST_OVERSTAY, most_overstay=MOST_OVERSTAY)
        raise Invalid.field("overstay_percent", message, "too_small" if given < LEAST_OVERSTAY else "too_large")
    return given


_CHECKS: Mapping[str, Callable[[Venue, Any], Any]] = {
    "tariff": _tariff,
    "pricing": _pricing,
    "amenities": _amenities,
    "connected_account": _account,
    "overstay_percent": _overstay,
}


def _checked(venue: Venue, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields as they are kept. Raises `Invalid` with the problems of all of them."""
    found, problems = dict(fields), []
    for name, check in _CHECKS.items():
        if name in fields:
            try:
                found[name] = check(venue, fields[name])
            except Invalid as refusal:
                problems += refusal.details
    if problems:
        raise Invalid(problems[0].message if len(problems) == 1 else None, details=problems)
    return found


def _taken(lot: ParkingLot) -> LotNameTaken | None:
    others = ParkingLot.objects.exclude(pk=lot.pk)
    if others.filter(venue=lot.venue_id, name=lot.name).exists():
        message = gettext("The venue already has a lot of this name.")
        return LotNameTaken(message, details=[Detail("name", LotNameTaken.code, message)])
    if others.filter(slug=lot.slug).exists():
        message = gettext("Another lot already has this slug.")
        return LotNameTaken(message, details=[Detail("slug", LotNameTaken.code, message)])
    return None


def _free_slug(name: str) -> str:
    """The name as a slug; with the tail of a new id when another lot has it, or when nothing of it is ASCII."""
    slug = slugify(name)[: _SLUG_LENGTH - 13].strip("-")
    if slug and not ParkingLot.objects.filter(slug=slug).exists():
        return slug
    return f"{slug or 'lot'}-{uuid7().hex[-12:]}"
