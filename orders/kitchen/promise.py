"""When an order will be ready, told from what the outlet has still to make."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count

from orders.kitchen.models import Fulfilment
from orders.menu.models import Outlet

#: No queue makes a promise later than this: by then its staff will have closed the outlet, or the show is over.
LONGEST = timedelta(hours=2)


def promised(outlet: Outlet, ahead: int, now: datetime) -> datetime:
    """The moment promised at `now` to whoever comes after `ahead` orders that are still to be made.

    An outlet works on `makes_at_once` orders together, each for its usual time, longer while it is busy. At most
    `LONGEST` from now.
    """
    one = outlet.prep_seconds + (outlet.busy_seconds if outlet.status == Outlet.Status.BUSY else 0)
    rounds = ahead // outlet.makes_at_once + 1
    return now + min(timedelta(seconds=rounds * one), LONGEST)


def ahead_at(outlets: Iterable[UUID]) -> dict[UUID, int]:
    """Outlet → how many orders it has still to make, in one query; 0 for those with none."""
    ids = list(outlets)
    to_make = Fulfilment.objects.filter(outlet__in=ids, status__in=Fulfilment.TO_MAKE).order_by()
    counted = dict(to_make.values_list("outlet_id").annotate(Count("pk")))
    return {pk: counted.get(pk, 0) for pk in ids}
