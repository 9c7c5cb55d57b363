"""What orders store about a person, and how it is erased while the books stay."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from orders import forgetting
from orders.models import Order


def export(user: Any) -> list[dict[str, Any]]:
    """The person's orders, with their lines."""
    return [
        {
            "number": order.number,
            "placed_at": order.created_at,
            "status": order.status,
            "contact": {
                "email": order.contact_email,
                "phone": str(order.contact_phone),
                "name": order.contact_name,
            },
            "delivery": order.delivery,
            "currency": order.currency,
            "total": order.amount_total,
            "items": [f"{item.quantity} × {item.description}" for item in order.items.all()],
        }
        for order in Order.objects.bought_by(user).prefetch_related("items")
    ]


def erase(user: Any, now: datetime) -> None:
    """Blank the contact, the notes and the seats on the person's orders; amounts and lines stay, as the books must."""
    forgetting.blank(Order.objects.bought_by(user))
