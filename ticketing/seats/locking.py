"""The lock under which seats change hands: the rows of their ticket types, in key order.

Every sale locks them for its counters; who moves seats does it before the first seat, so that nobody waits for a seat
while another waits for a counter. As the counters' own UPDATE it lets tickets of the type be inserted meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from ticketing.models import TicketType


def lock_types(ids: Iterable[UUID]) -> None:
    """Until the transaction ends. One query."""
    rows = TicketType.objects.select_for_update(no_key=True).filter(pk__in=set(ids)).order_by("pk")
    list(rows.values_list("pk"))
