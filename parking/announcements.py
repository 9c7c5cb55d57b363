"""What venues' own systems are told of cars: reservations, stays and the valet. No plates, no names, no codes."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from notifications.webhooks import kinds
from notifications.webhooks.announcing import announce
from parking.booking.models import ParkingReservation
from parking.signals import figures_moved
from parking.stays.models import ParkingCharge, ParkingSession
from parking.valet.models import ValetTicket

_LOT = {"lot_id": "0198c0de-7a11-7000-8000-00000000e001", "kind": "standard"}
_RESERVATION: dict[str, Any] = {
    "id": "0198c0de-7a11-7000-8000-00000000e002",
    "number": "P4TN-9WQC",
    "status": "confirmed",
    **_LOT,
    "event_id": "0198c0de-7a11-7000-8000-00000000b002",
    "order_id": "0198c0de-7a11-7000-8000-00000000b001",
    "starts_at": "2026-11-20T17:00:00Z",
    "ends_at": "2026-11-20T23:30:00Z",
}
_SESSION: dict[str, Any] = {
    "id": "0198c0de-7a11-7000-8000-00000000e003",
    "number": "S7LX-22KD",
    "status": "active",
    **_LOT,
    "origin": "gate",
    "event_id": None,
    "reservation_id": "0198c0de-7a11-7000-8000-00000000e002",
    "started_at": "2026-11-20T17:12:40.118Z",
    "expires_at": "2026-11-20T23:30:00Z",
    "ended_at": None,
}
_OVER = {**_SESSION, "status": "ended", "ended_at": "2026-11-20T22:41:03.507Z"}
_VALET: dict[str, Any] = {
    "id": "0198c0de-7a11-7000-8000-00000000e004",
    "number": 17,
    "status": "requested",
    "lot_id": _LOT["lot_id"],
    "session_id": _SESSION["id"],
    "wanted_at": None,
}

CONFIRMED = kinds.register(
    "parking.reservation_confirmed", "A space was reserved and paid for.", {"reservation": _RESERVATION}
)
CHANGED = kinds.register(
    "parking.reservation_changed", "A reservation has another window, or another kind of space.",
    {"reservation": _RESERVATION},
)  # fmt: skip
CANCELLED = kinds.register(
    "parking.reservation_cancelled", "A reservation was cancelled; its space is free.",
    {"reservation": {**_RESERVATION, "status": "cancelled"}},
)  # fmt: skip
NO_SHOW = kinds.register(
    "parking.reservation_no_show", "Nobody came in time; the space is free.",
    {"reservation": {**_RESERVATION, "status": "no_show"}},
)  # fmt: skip
STARTED = kinds.register("parking.session_started", "A car came in.", {"session": _SESSION})
EXTENDED = kinds.register("parking.session_extended", "A stay was paid for longer.", {"session": _SESSION})
OVERSTAYED = kinds.register(
    "parking.session_overstayed", "A car is still there after what was paid for.", {"session": _SESSION}
)
ENDED = kinds.register("parking.session_ended", "A car left, or its stay ended by itself.", {"session": _OVER})
REOPENED = kinds.register(
    "parking.session_reopened", "A stay that was ended goes on: the car is still there.", {"session": _SESSION}
)
VOIDED = kinds.register(
    "parking.session_voided", "A stay never was: a misread plate, a car that turned round.",
    {"session": {**_OVER, "status": "void"}},
)  # fmt: skip
PAID = kinds.register(
    "parking.charge_paid",
    "Parking was paid on the lot: a fee, an extension, a change of a reservation, or a tip for the valet (`kind`). "
    "What is paid within an order is in `order.paid`.",
    {
        "charge": {
            "id": "0198c0de-7a11-7000-8000-00000000e005",
            "kind": "stay",
            "total": 1450,
            "currency": "USD",
            "lot_id": _LOT["lot_id"],
            "session_id": _SESSION["id"],
        }
    },
)
VALET_REQUESTED = kinds.register(
    "parking.valet_requested", "Somebody wants their car, now or at `wanted_at`.", {"valet": _VALET}
)
VALET_READY = kinds.register(
    "parking.valet_ready", "The car stands at the front.", {"valet": {**_VALET, "status": "ready"}}
)
VALET_HANDED_OVER = kinds.register(
    "parking.valet_handed_over", "The holder has the car back.", {"valet": {**_VALET, "status": "handed_over"}}
)


def reservation(kind: str, row: ParkingReservation) -> None:
    """One of the kinds about reservations; the row knows its capacity and lot."""
    refigured(row)
    announce(kind, row.venue_id, partial(_reservation, row))


def refigured(row: ParkingReservation) -> None:
    """What the reservation brought in is another sum, whether or not its state changed."""
    figures_moved.send(sender=ParkingReservation, venue_id=row.venue_id, moments=[row.starts_at])


def session(kind: str, row: ParkingSession) -> None:
    """One of the kinds about stays; the row knows its lot."""
    figures_moved.send(sender=ParkingSession, venue_id=row.venue_id, moments=span(row.started_at, row.ended_at))
    announce(kind, row.venue_id, partial(_session, row))


def span(began: datetime, ended: datetime | None) -> list[datetime]:
    """Moments of which each day of any clock from `began` to `ended` has one; the beginning alone of what goes on."""
    moments, last = [began], ended or began
    while moments[-1] < last:
        # Half days: no clock changes by so much.
        moments.append(min(moments[-1] + timedelta(hours=12), last))
    return moments


def paid(charge: ParkingCharge) -> None:
    announce(PAID, charge.lot.venue_id, partial(_charge, charge))


def valet(kind: str, ticket: ValetTicket) -> None:
    """One of the kinds about the valet; the ticket knows its lot."""
    announce(kind, ticket.lot.venue_id, partial(_valet, ticket))


def _reservation(row: ParkingReservation) -> dict[str, Any]:
    plain = ("id", "number", "status", "event_id", "order_id", "starts_at", "ends_at")
    where = {"lot_id": row.capacity.lot_id, "kind": row.capacity.kind}
    return {"reservation": {**{name: getattr(row, name) for name in plain}, **where}}


def _session(row: ParkingSession) -> dict[str, Any]:
    plain = (
        "id", "number", "status", "lot_id", "origin", "event_id", "reservation_id", "started_at", "expires_at",
        "ended_at",
    )  # fmt: skip
    return {"session": {**{name: getattr(row, name) for name in plain}, "kind": row.capacity.kind}}


def _charge(row: ParkingCharge) -> dict[str, Any]:
    plain = ("id", "kind", "currency", "lot_id", "session_id")
    return {"charge": {**{name: getattr(row, name) for name in plain}, "total": row.amount_total}}


def _valet(ticket: ValetTicket) -> dict[str, Any]:
    plain = ("id", "number", "status", "lot_id", "session_id", "wanted_at")
    return {"valet": {name: getattr(ticket, name) for name in plain}}
