"""So many tickets already sold, in 10 venues with 10 events each; and a tenth as many cars that have left."""

from __future__ import annotations

import math
from collections.abc import Callable

from django.db import connection
from django.utils import timezone

from trufan import load


def _silent(line: str) -> None:
    """Nobody reads what the tables hold."""


def fill(tickets: int, say: Callable[[str], None] = _silent) -> None:
    """Sell them (see `trufan.load`), and leave the tables as autovacuum would in time."""
    orders = math.ceil(tickets * 3 / 10)
    people = max(FEWEST_PEOPLE, orders // ORDERS_A_PERSON)
    load.make(load.Size(orders=orders, stays=tickets // 10, people=people), timezone.now(), say)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


#: Who buys comes again: so many times.
ORDERS_A_PERSON = 6
FEWEST_PEOPLE = 20
