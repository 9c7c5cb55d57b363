"""What tickets do on others' facts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from events.models import Event
from orders import cancellation
from orders.models import OrderItem
from ticketing.models import Ticket, TicketType


def hand_over_tickets(sender: Any, *, user: Any, order_ids: Sequence[UUID], **kwargs: Any) -> None:
    """Guest orders joined an account: their tickets without a holder are the account's."""
    Ticket.objects.filter(order_id__in=order_ids, holder=None).update(holder=user)


def cancel_pending_orders(sender: Any, *, event: Event, by: Any, now: datetime, **kwargs: Any) -> None:
    """An event was called off: nobody shall still be charged for its tickets."""
    held = OrderItem.objects.filter(
        item_type=TicketType.sellable_type,
        item_id__in=event.ticket_types.values("pk"),
        status=OrderItem.Status.HELD,
    )
    cancellation.cancel_pending(held.values_list("order_id", flat=True).distinct(), by=by, now=now)
