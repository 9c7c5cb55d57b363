"""The topics of parking: the board of a lot and its valet for staff, what is free for everybody."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext

from audit import trail
from trufan.lib import live
from trufan.lib.errors import Missing

BOARD_EVENTS = {
    "parking_session.started": "A car came in.",
    "parking_session.ended": "A car left.",
    "parking_session.extended": "A stay was extended.",
    "parking_session.overstayed": "A car is longer there than paid for.",
    "parking_session.reopened": "An ended stay goes on.",
    "parking_session.voided": "A stay never was.",
    "parking_session.moved": "A car stands elsewhere.",
    "parking_session.noted": "Staff noted something.",
    "parking_session.price_set": "Staff set the price of a stay.",
    "parking_session.validated": "A stay was validated.",
    "parking_charge.paid": "A stay was paid.",
    "parking_charge.refunded": "Money of a stay went back.",
    "parking_gate.opened_by_hand": "Staff opened the gate.",
    "parking_lot.opened": "The lot opened.",
    "parking_lot.closed": "The lot closed.",
    "parking_lot.spaces_blocked": "Spaces were taken out of use.",
    "parking_lot.spaces_unblocked": "Spaces are in use again.",
    "parking_reservation.confirmed": "A space was reserved.",
    "parking_reservation.changed": "A reservation was changed.",
    "parking_reservation.cancelled": "A reservation was cancelled.",
    "parking_reservation.given_up": "A reservation was given up.",
    "parking_reservation.no_show": "A reservation did not come.",
}
VALET_EVENTS = {
    "valet.dropped_off": "A car was taken.",
    "valet.parked": "It stands somewhere.",
    "valet.requested": "It is wanted.",
    "valet.request_changed": "It is wanted at another time.",
    "valet.retrieving": "Somebody fetches it.",
    "valet.put_back": "It is not fetched yet after all.",
    "valet.ready": "It stands at the front.",
    "valet.handed_over": "It was handed over.",
    "valet.cancelled": "It was given back unparked.",
}
SPACES_MOVED = "parking_lot.spaces_moved"
_DATA = {
    "subject": {"type": "string", "format": "uuid", "description": "The stay, charge, reservation, ticket or lot."},
    "status": {"type": "string", "description": "Its status, where it has one."},
}


def may_run(caller: live.Caller, lot_id: UUID) -> None:
    """Raises `Forbidden` or `Missing`."""
    from parking.stays.permissions import run_lot

    run_lot(caller.user, lot_id)


def may_know(caller: live.Caller, lot_id: UUID) -> None:
    """Raises `Missing`."""
    from parking.lots.models import ParkingLot

    if not ParkingLot.objects.readable_by(caller.user).filter(pk=lot_id).exists():
        raise Missing(gettext("There is no such lot."))


def spaces_moved(capacity_id: UUID) -> None:
    """A space of this kind was taken or is free again: what is free at its lot changes."""
    live.publish("lot", capacity_id, SPACES_MOVED)


def lot_of(key: UUID) -> UUID | None:
    """The lot of a capacity, or the lot itself."""
    from parking.lots.models import ParkingCapacity, ParkingLot

    found = ParkingCapacity.objects.filter(pk=key).values_list("lot_id", flat=True).first()
    return found or ParkingLot.objects.filter(pk=key).values_list("pk", flat=True).first()


def free_at(lot_id: UUID) -> dict[str, Any]:
    """What is free at this moment, kind by kind; three queries."""
    from parking.lots.models import ParkingLot
    from parking.spaces import counting

    lot = ParkingLot.objects.prefetch_related("capacities").get(pk=lot_id)
    kinds = list(lot.capacities.all())
    left = counting.left_now(kinds, timezone.now())
    return {"status": lot.status, "kinds": [{"kind": kind.kind, "available": left[kind.pk]} for kind in kinds]}


def announce(entry: Any, entity: Any) -> None:
    """On an entry of the audit trail."""
    topic = "parking" if entry.action in BOARD_EVENTS else "valet" if entry.action in VALET_EVENTS else ""
    if not topic or entity is None:
        return
    live.publish(topic, _lot_id(entity), entry.action, lambda: _said(entity))
    if entry.entity_type == "parking.parkinglot":
        live.publish("lot", entity.pk, SPACES_MOVED)


def _lot_id(entity: Any) -> UUID:
    """A lot, what is at one, or a reservation of a kind of space, which the trail's own question for its venue read."""
    if hasattr(entity, "lot_id"):
        return entity.lot_id
    return entity.capacity.lot_id if hasattr(entity, "capacity_id") else entity.pk


def _said(entity: Any) -> dict[str, Any]:
    status = getattr(entity, "status", None)
    return {"subject": str(entity.pk), **({"status": str(status)} if status else {})}


BOARD = live.Topic(
    name="parking",
    title="The board of one lot: staff who run the lots of its venue.",
    state="GET /api/v1/parking/sessions?lot={id}",
    authorize=may_run,
    events=BOARD_EVENTS,
    data=_DATA,
)
VALET = live.Topic(
    name="valet",
    title="The cars that one lot's valet has in hand: staff who run the lots of its venue.",
    state="GET /api/v1/parking/valet/queue?lot={id}",
    authorize=may_run,
    events=VALET_EVENTS,
    data=_DATA,
)
LOT = live.Topic(
    name="lot",
    title="What is free at one lot: everybody, while it is open. At most one fact a second.",
    state="GET /api/v1/parking/lots/{id}",
    authorize=may_know,
    is_public=True,
    events={SPACES_MOVED: "Spaces were taken or are free again, or the lot opened or closed."},
    data={
        "status": {"type": "string", "enum": ["draft", "open", "closed"]},
        "kinds": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"kind": {"type": "string"}, "available": {"type": "integer", "minimum": 0}},
                "required": ["kind", "available"],
            },
        },
    },
    every=1.0,
    resolve=lot_of,
    snapshot=free_at,
)


def connect() -> None:
    for topic in (BOARD, VALET, LOT):
        live.register(topic)
    trail.listen(announce)
