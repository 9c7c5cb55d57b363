"""The topic `order`: its buyer and the venue's staff see an order and its food move on.

What happened stands in the audit trail, written by the rule that did it; the facts are told from there.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from audit import trail
from orders import permissions
from orders.models import Order
from trufan.lib import live
from trufan.lib.errors import Missing

EVENTS = {
    "order.changed": "Its lines, tip, codes or delivery were changed before it was paid.",
    "order.payment_failed": "A payment failed; another may be tried.",
    "order.paid": "It is paid, and what was bought is there.",
    "order.expired": "Its hold ran out.",
    "order.cancelled": "It was cancelled before it was paid.",
    "order.refund_requested": "A refund was asked for.",
    "order.refunded": "Money went back.",
    "order.refund_came_back": "A refund could not be credited and came back.",
    "order.adopted": "An order of a guest joined an account.",
}
#: What happens to its food; the same facts as the kitchen's.
FULFILMENT_EVENTS = {
    "fulfilment.placed": "An outlet has it in its queue.",
    "fulfilment.accepted": "The outlet took it.",
    "fulfilment.preparing": "It is being made.",
    "fulfilment.ready": "It can be picked up, or sent out.",
    "fulfilment.picked_up": "It was handed over.",
    "fulfilment.out_for_delivery": "It is on its way to the seat.",
    "fulfilment.delivered": "It was brought.",
    "fulfilment.refused": "The outlet will not make it; its money goes back.",
    "fulfilment.cancelled": "It was given up.",
    "fulfilment.taken_back": "A step was a slip of the finger and was taken back.",
}


def may_watch(caller: live.Caller, order_id: UUID) -> None:
    """Raises `Missing` for whom there is no such order."""
    order = Order.objects.filter(pk=order_id).first()
    if order is None or not permissions.may_see(caller.user, caller.access_code, order):
        raise Missing(gettext("There is no such order."))


def announce(entry: Any, entity: Any) -> None:
    """On an entry of the audit trail."""
    if entry.action in EVENTS and isinstance(entity, Order):
        live.publish("order", entity.pk, entry.action, lambda: {"status": entity.status})


TOPIC = live.Topic(
    name="order",
    title="One order: its buyer, a guest with its access code, staff who see orders at its venue.",
    state="GET /api/v1/orders/{id} and GET /api/v1/orders/{id}/fulfilments",
    authorize=may_watch,
    events={**EVENTS, **FULFILMENT_EVENTS},
    data={
        "status": {"type": "string", "description": "The order's status; only with facts of the order."},
        "fulfilment": {"type": "string", "format": "uuid", "description": "Only with facts of its food."},
        "fulfilment_status": {"type": "string", "description": "Only with facts of its food."},
    },
)


def connect() -> None:
    live.register(TOPIC)
    trail.listen(announce)
