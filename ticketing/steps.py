"""The steps of a sale of tickets, for the rooms that have something of their own to do at each.

A room appends a function once, from `TicketingConfig.ready()`; it is called in the sale's transaction, before the
counters of the ticket types move, for their rows are what everybody else waits for. What it raises undoes the step.

Of a new order lines and counters may still wait to be written (`trufan.lib.appending`): a statement that writes, or
asks for their tables, sends them first. A line is changed by an UPDATE, not by saving it; nobody catches a refusal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orders.models import Order, OrderItem
    from ticketing.models import Ticket

Items = Sequence["OrderItem"]

#: `(items, now)`: these lines are to be held; may change their `options`, and update that.
reserving: list[Callable[[Items, datetime], None]] = []
#: `(items, now)`: what these lines held is let go.
releasing: list[Callable[[Items, datetime], None]] = []
#: `(before, after, now)`: an order was changed; lines that stay have the same key in both.
reholding: list[Callable[[Items, Items, datetime], None]] = []
#: `(order, tickets, now)`: these tickets were issued, `order_item` at hand on each.
issued: list[Callable[[Order, Sequence[Ticket], datetime], None]] = []
#: `(tickets)`: these tickets were taken back; their rows are locked.
voided: list[Callable[[Sequence[Ticket]], None]] = []

# After the counters of the ticket types: for what is counted within a type, whose row keeps others away until then.

#: `(items, now)`: these lines are held, or will be when what waits is written.
reserved: list[Callable[[Items, datetime], None]] = []
#: `(items, now)`: what these lines held was let go.
released: list[Callable[[Items, datetime], None]] = []
#: `(before, after, now)`: the lines `after` are held in place of `before`.
reheld: list[Callable[[Items, Items, datetime], None]] = []
#: `(items, now)`: what these lines held is bought.
sold: list[Callable[[Items, datetime], None]] = []
#: `(line, how many of its tickets)` pairs: these were taken back.
returned: list[Callable[[Iterable[tuple[OrderItem, int]]], None]] = []
