"""Tickets whose money is disputed: they keep their place and their status, and the door lets nobody in with them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from orders.models import OrderItem
from ticketing.models import Ticket


def freeze(items: Sequence[OrderItem], now: datetime) -> None:
    """From now on these lines' tickets admit nobody; who is inside stays inside. One query."""
    Ticket.objects.live().filter(order_item__in=[item.pk for item in items], frozen_at=None).update(frozen_at=now)


def thaw(items: Sequence[OrderItem]) -> None:
    """They admit again, as far as they were not used or taken back. One query."""
    Ticket.objects.filter(order_item__in=[item.pk for item in items]).exclude(frozen_at=None).update(frozen_at=None)
