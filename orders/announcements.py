"""What venues' own systems are told of orders, kitchens and stock. No names, addresses or numbers of buyers.

Each is called in the transaction of what it tells, and costs one query where nobody listens.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from django.conf import settings

from notifications.webhooks import kinds
from notifications.webhooks.announcing import announce, announce_each
from orders.kitchen.models import Fulfilment
from orders.signals import fulfilment_moved

if TYPE_CHECKING:
    from orders.menu.models import ProductVariant
    from orders.models import Order, OrderItem
    from orders.sellable import Pieces
    from payments.models import Refund

_ORDER: dict[str, Any] = {
    "id": "0198c0de-7a11-7000-8000-00000000b001",
    "number": "7KQ4-M2XD",
    "status": "paid",
    "event_id": "0198c0de-7a11-7000-8000-00000000b002",
    "currency": "USD",
    "subtotal": 12400,
    "discount": 0,
    "tax": 1080,
    "fees": 300,
    "service_charge": 0,
    "tip": 200,
    "total": 13980,
    "amount_refunded": 0,
}
_ITEM = "0198c0de-7a11-7000-8000-00000000b003"
_SHORT = {name: _ORDER[name] for name in ("id", "number")}
_REFUND = {"id": "0198c0de-7a11-7000-8000-00000000b004", "amount": 5000, "currency": "USD"}
_FULFILMENT: dict[str, Any] = {
    "id": "0198c0de-7a11-7000-8000-00000000b005",
    "status": "ready",
    "outlet_id": "0198c0de-7a11-7000-8000-00000000b006",
    "outlet": "Grill",
    "pickup_number": 42,
    "method": "seat",
    "place": "Section 112, row A, seat 12",
    "promised_at": "2026-11-20T19:35:00Z",
}

PAID = kinds.register(
    "order.paid",
    "An order was paid, or was free: everything in it is the buyer's.",
    {
        "order": _ORDER,
        "lines": [{"id": _ITEM, "type": "ticket", "description": "General Admission", "quantity": 2, "total": 12400}],
    },
)
REFUNDED = kinds.register(
    "order.refunded",
    "Money of an order went back. `lines` are what was taken back for it, `order.status` is `refunded` once nothing is "
    "left.",
    {
        "order": {**_ORDER, "amount_refunded": 5000},
        "refund": _REFUND,
        "lines": [{"id": _ITEM, "description": "General Admission", "quantity": 1}],
    },
)
REFUND_CAME_BACK = kinds.register(
    "order.refund_came_back",
    "The buyer's bank returned the money of a refund. What was taken back stays taken back.",
    {"order": _ORDER, "refund": _REFUND},
)
CANCELLED = kinds.register(
    "order.cancelled",
    "An order that was not paid was given up; its stock is free.",
    {"order": {**_ORDER, "status": "cancelled"}},
)
EXPIRED = kinds.register(
    "order.expired",
    "An order was not paid in time; its stock is free.",
    {"order": {**_ORDER, "status": "expired"}},
)
PLACED = kinds.register(
    "fulfilment.placed",
    "An outlet has something new to make: one for each outlet of a paid order.",
    {
        "fulfilment": {**_FULFILMENT, "status": "placed"},
        "order": _SHORT,
        "lines": [{"id": _ITEM, "description": "Burger, with cheese", "quantity": 2}],
    },
)
#: By the status that it moved to.
MOVED = {
    status: kinds.register(
        f"fulfilment.{status}", meaning, {"fulfilment": {**_FULFILMENT, "status": str(status)}, "order": _SHORT}
    )
    for status, meaning in {
        Fulfilment.Status.ACCEPTED: "The outlet accepted it.",
        Fulfilment.Status.PREPARING: "The outlet began to make it.",
        Fulfilment.Status.READY: "It is ready to be picked up, or to be brought.",
        Fulfilment.Status.OUT_FOR_DELIVERY: "It is on its way to the seat.",
        Fulfilment.Status.PICKED_UP: "The buyer picked it up.",
        Fulfilment.Status.DELIVERED: "It was brought to the seat.",
        Fulfilment.Status.REFUSED: "The outlet won't make it; its money goes back.",
        Fulfilment.Status.CANCELLED: "It was given up or refunded before it was handed over.",
    }.items()
}
TAKEN_BACK = kinds.register(
    "fulfilment.taken_back",
    "The last step was a mistake and was taken back: `status` is what it is again.",
    {"fulfilment": {**_FULFILMENT, "status": "preparing"}, "order": _SHORT},
)
LOW_STOCK = kinds.register(
    "product.low_stock",
    "So many were sold that few are left of a variant: its mark was reached.",
    {
        "variant": {
            "id": "0198c0de-7a11-7000-8000-00000000b007",
            "product_id": "0198c0de-7a11-7000-8000-00000000b008",
            "outlet_id": "0198c0de-7a11-7000-8000-00000000b006",
            "name": "Burger",
            "left": 8,
        }
    },
)


def paid(order: Order, items: Sequence[OrderItem]) -> None:
    announce(PAID, order.venue_id, lambda: {"order": _order(order), "lines": [_sold(item) for item in items]})


def refunded(order: Order, refund: Refund, pieces: Sequence[Pieces]) -> None:
    def data() -> dict[str, Any]:
        lines = [_line(each.item, each.quantity) for each in pieces]
        return {"order": _order(order), "refund": _refund(refund), "lines": lines}

    announce(REFUNDED, order.venue_id, data)


def refund_came_back(order: Order, refund: Refund) -> None:
    announce(REFUND_CAME_BACK, order.venue_id, lambda: {"order": _order(order), "refund": _refund(refund)})


def ended(orders: Iterable[Order], kind: str) -> None:
    """`CANCELLED` or `EXPIRED`; one query for all of them."""
    announce_each(kind, [(order.venue_id, partial(_ended, order)) for order in orders])


def placed(order: Order, made: Iterable[Fulfilment], items: Sequence[OrderItem]) -> None:
    """`items` know their fulfilment; one query for all outlets."""
    announce_each(PLACED, [(order.venue_id, partial(_placed, each, order, items)) for each in made])


def moved(fulfilment: Fulfilment, order: Order) -> None:
    """It has the status that it has now."""
    fulfilment_moved.send(sender=Fulfilment, fulfilment=fulfilment, order=order)
    announce(MOVED[Fulfilment.Status(fulfilment.status)], order.venue_id, partial(_moved, fulfilment, order))


def taken_back(fulfilment: Fulfilment) -> None:
    order = fulfilment.order
    fulfilment_moved.send(sender=Fulfilment, fulfilment=fulfilment, order=order)
    announce(TAKEN_BACK, order.venue_id, partial(_moved, fulfilment, order))


def low_stock(variants: Iterable[ProductVariant]) -> None:
    """One query for all; the variants know their product and outlet."""
    announce_each(LOW_STOCK, [(each.product.outlet.venue_id, partial(_variant, each)) for each in variants])


def _order(order: Order) -> dict[str, Any]:
    plain = (
        "id", "number", "status", "event_id", "currency", "subtotal", "discount", "tax", "fees", "service_charge", "tip"
    )  # fmt: skip
    shown = {name: getattr(order, name) for name in plain}
    return {**shown, "total": order.amount_total, "amount_refunded": order.amount_refunded}


def _ended(order: Order) -> dict[str, Any]:
    return {"order": _order(order)}


def _short(order: Order) -> dict[str, Any]:
    return {"id": order.pk, "number": order.number}


def _sold(item: OrderItem) -> dict[str, Any]:
    return {
        "id": item.pk,
        "type": item.item_type,
        "description": item.description,
        "quantity": item.quantity,
        "total": item.total,
    }


def _line(item: OrderItem, quantity: int) -> dict[str, Any]:
    return {"id": item.pk, "description": item.description, "quantity": quantity}


def _refund(refund: Refund) -> dict[str, Any]:
    return {"id": refund.pk, "amount": refund.amount, "currency": refund.currency}


def _placed(fulfilment: Fulfilment, order: Order, items: Sequence[OrderItem]) -> dict[str, Any]:
    lines = [_line(item, item.quantity) for item in items if item.fulfilment_id == fulfilment.pk]
    return {**_moved(fulfilment, order), "lines": lines}


def _moved(fulfilment: Fulfilment, order: Order) -> dict[str, Any]:
    plain = ("id", "status", "outlet_id", "pickup_number", "method", "promised_at")
    shown = {name: getattr(fulfilment, name) for name in plain}
    # Receivers read one language, whoever made the move.
    place = fulfilment.place_in(settings.LANGUAGE_CODE)
    return {"fulfilment": {**shown, "place": place, "outlet": fulfilment.outlet.name}, "order": _short(order)}


def _variant(variant: ProductVariant) -> dict[str, Any]:
    return {
        "variant": {
            "id": variant.pk,
            "product_id": variant.product_id,
            "outlet_id": variant.product.outlet_id,
            "name": str(variant),
            "left": (variant.quantity or 0) - variant.sold,
        }
    }
