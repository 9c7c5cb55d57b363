"""What the buyer is told of their food while it is made."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from notifications.outbox import notify
from notifications.values import clock
from orders import access
from orders.kitchen.models import Fulfilment
from orders.models import Order


def tell(fulfilment: Fulfilment, template: str) -> None:
    """Queue a message to the buyer, once for each fulfilment and template: a step taken twice is told once."""
    order = fulfilment.order
    if not (order.contact_email or order.contact_phone):
        return
    notify(
        template,
        user=order.user_id,
        email=order.contact_email,
        phone=order.contact_phone,
        language=order.language,
        venue_id=order.venue_id,
        dedupe_key=f"{template}:{fulfilment.pk}",
        context=_said(order, fulfilment),
    )


def _said(order: Order, fulfilment: Fulfilment) -> dict[str, Any]:
    outlet = fulfilment.outlet
    return {
        "number": order.number,
        "name": order.contact_name,
        "venue": order.venue.name,
        "outlet": outlet.name,
        "location": outlet.location,
        "pickup_number": fulfilment.pickup_number,
        "place": fulfilment.place_in(order.language or settings.LANGUAGE_CODE),
        "is_delivered": fulfilment.method == Fulfilment.Method.SEAT,
        "promised": clock(fulfilment.promised_at, order.venue.zone),
        "minimum_age": fulfilment.minimum_age,
        "reason": fulfilment.reason,
        ("order_url" if order.user_id else "link"): access.link(order),
    }
