"""On an order's page in the console: let in all who come with it, and take that back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from accounts.grants import Permission
from orders import console_parts
from orders.models import Order
from ticketing.door import whole_orders
from ticketing.models import Ticket
from trufan.lib.console.buttons import RowButton
from trufan.lib.console.forms import ReasonForm
from trufan.lib.words import lazy as _


def _admit(order: Order, by: Any, now: datetime) -> None:
    order.door_outcome = whole_orders.summary(whole_orders.admit(order, by=by, now=now))  # type: ignore[attr-defined]


def _take_back(order: Order, by: Any, now: datetime, reason: str) -> None:
    done = whole_orders.take_back(order, by=by, now=now, reason=reason)
    said = gettext("{undone} taken back, {left} have moved since.")
    order.door_outcome = said.format(undone=len(done.undone), left=len(done.left))  # type: ignore[attr-defined]


def connect() -> None:
    """Once, when the console's pages are loaded."""
    console_parts.add_button(
        RowButton(
            name="check-in",
            label=_("Check in all"),
            permission=Permission.CHECK_IN,
            run=_admit,
            consequence=_("Every ticket of order {row} is used up now, as if its code had been scanned."),
            figures=whole_orders.foretold,
            done=_("Order {row}: {row.door_outcome}"),
            available=lambda order: order.tickets.filter(status=Ticket.Status.VALID).exists(),
            icon="how_to_reg",
        )
    )
    console_parts.add_button(
        RowButton(
            name="undo-check-in",
            label=_("Undo check-in of all"),
            permission=Permission.CHECK_IN,
            run=_take_back,
            consequence=_(
                "Whoever came in when order {row} was last let in as a whole, and has not moved since, did not."
            ),
            done=_("Order {row}: {row.door_outcome}"),
            available=whole_orders.can_take_back,
            form=ReasonForm,
            icon="undo",
            is_destructive=True,
        )
    )
