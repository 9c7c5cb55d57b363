"""An exchange is done when its new tickets are issued, and lapses with their hold."""

from __future__ import annotations

from orders import cart_rules
from ticketing import steps
from ticketing.exchanges import keeping_orders, settling


def connect() -> None:
    """Once, when the app is ready."""
    cart_rules.register(keeping_orders.refuse_change)
    steps.issued.append(settling.settle_paid)
    steps.releasing.append(settling.lapse)
