"""What a person said and gave after a sale, and how it is erased while the books stay."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from orders.models import OrderRating, OrderTip


def export(user: Any) -> dict[str, list[dict[str, Any]]]:
    """The person's tips and ratings."""
    tips = OrderTip.objects.filter(order__user=user).select_related("order")
    ratings = OrderRating.objects.filter(order__user=user).select_related("order", "outlet")
    return {
        "tips": [
            {
                "order": tip.order.number,
                "given_at": tip.created_at,
                "status": tip.status,
                "currency": tip.currency,
                "amount": tip.amount_total,
            }
            for tip in tips
        ],
        "ratings": [
            {
                "order": rating.order.number,
                "outlet": rating.outlet and rating.outlet.name,
                "rated_at": rating.updated_at,
                "stars": rating.stars,
                "comment": rating.comment,
            }
            for rating in ratings
        ],
    }


def erase(user: Any, now: datetime) -> None:
    """Blank what the person wrote; stars and tips stay, without words."""
    OrderRating.objects.filter(order__user=user).exclude(comment="").update(comment="")
