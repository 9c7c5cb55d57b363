"""How many tickets one person may have, asked of carts and of holds that ran out."""

from __future__ import annotations

from orders import cart_rules
from ticketing import steps
from ticketing.limits import limiting


def connect() -> None:
    """Once, when the app is ready."""
    cart_rules.register(limiting.refuse_too_many)
    steps.reserving.append(limiting.check_late)
    steps.issued.append(limiting.check_issued)
