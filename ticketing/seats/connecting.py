"""Numbered seats in a sale: what a cart says of them, and who has them at each step."""

from __future__ import annotations

from events.series import copying
from orders import cart_rules, line_fields
from orders import inventory_check as stocks
from ticketing import steps
from ticketing.seats import choosing, copies, giving, holding, inventory_check, planning
from venues.seating import uses


def connect() -> None:
    """Once, when the app is ready."""
    line_fields.register(choosing.SEATS)
    line_fields.register(choosing.BEST)
    cart_rules.register(choosing.rule)
    steps.reserving.append(holding.reserve)
    steps.releasing.append(holding.release)
    steps.reholding.append(holding.rehold)
    steps.issued.append(giving.give)
    steps.voided.append(giving.take_back)
    stocks.register("seats", inventory_check.differences)
    copying.register("seats", copies.seats)
    uses.register(planning.in_use)
