"""The topic `kitchen`: the queue of one outlet. The buyer's topic `order` hears of the same moves."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from audit import trail
from orders.kitchen.models import Fulfilment
from orders.live import FULFILMENT_EVENTS
from trufan.lib import live

OUTLET_EVENTS = {
    "outlet.open": "The outlet takes orders again.",
    "outlet.busy": "The outlet is busy.",
    "outlet.closed": "The outlet is closed.",
}


def may_watch(caller: live.Caller, outlet_id: UUID) -> None:
    """Raises `Forbidden` or `Missing`."""
    from orders.kitchen.permissions import run_outlet

    run_outlet(caller.user, outlet_id)


def publish_move(event: str, fulfilment: Fulfilment) -> None:
    """Tell the kitchen and the buyer of a move."""
    live.publish(
        "kitchen", fulfilment.outlet_id, event, lambda: {"fulfilment": str(fulfilment.pk), "status": fulfilment.status}
    )
    live.publish(
        "order",
        fulfilment.order_id,
        event,
        lambda: {"fulfilment": str(fulfilment.pk), "fulfilment_status": fulfilment.status},
    )


def announce(entry: Any, entity: Any) -> None:
    """On an entry of the audit trail."""
    if entry.action in FULFILMENT_EVENTS and isinstance(entity, Fulfilment):
        publish_move(entry.action, entity)
    elif entry.action in OUTLET_EVENTS:
        live.publish("kitchen", entity.pk, entry.action, lambda: {"status": entity.status})


TOPIC = live.Topic(
    name="kitchen",
    title="The queue of one outlet: staff who run the kitchens of its venue.",
    state="GET /api/v1/outlets/{id}/queue",
    authorize=may_watch,
    events={**FULFILMENT_EVENTS, **OUTLET_EVENTS},
    data={
        "fulfilment": {"type": "string", "format": "uuid", "description": "What moved; not with facts of the outlet."},
        "status": {"type": "string", "description": "The status of the fulfilment, or of the outlet."},
    },
)


def connect() -> None:
    live.register(TOPIC)
    trail.listen(announce)
