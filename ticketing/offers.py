"""What events ask about their tickets: the provider that `events.offers` calls."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, Exists, ExpressionWrapper, Max, Min, OuterRef, Q, QuerySet, Subquery

from events.lacking import Lack
from events.models import Event
from ticketing import readiness
from ticketing.models import TicketType
from ticketing.prices import all_in, priced
from trufan.lib.compiled import AllByKeys

#: Of so many events at once the offers are asked; what is left over is filled up with an id that nothing has.
_SIZES = (1, 10, 50)
_MOST, _NOBODYS = _SIZES[-1], UUID(int=0)


@cache
def _offers_of(size: int) -> AllByKeys[Any]:
    def build(*keys: Any) -> QuerySet[Event]:
        return TicketOffers().annotate(Event.objects.order_by().only("pk").filter(pk__in=keys[:-1]), keys[-1])

    return AllByKeys(build, *[UUID] * size, datetime)


class TicketOffers:
    """See `events.offers.Provider`."""

    def annotate(self, queryset: QuerySet[Event], now: datetime) -> QuerySet[Event]:
        open_types = TicketType.objects.listed().filter(event=OuterRef("pk")).order_by()
        prices = priced(open_types, now).values("event")
        prices = prices.annotate(lowest=Min(all_in("price_low")), highest=Max(all_in("price_now")))
        sells = Q(status=Event.Status.PUBLISHED, venue__is_active=True, ends_at__gt=now)
        return queryset.annotate(
            price_from=Subquery(prices.values("lowest")),
            price_to=Subquery(prices.values("highest")),
            is_available=ExpressionWrapper(
                sells & Q(Exists(open_types.on_sale(now).with_stock())), output_field=BooleanField()
            ),
        )

    def note(self, events: Sequence[Event], now: datetime) -> None:
        for start in range(0, len(events), _MOST):
            some: dict[UUID, Any] = {event.pk: event for event in events[start : start + _MOST]}
            size = next(size for size in _SIZES if size >= len(some))
            ids = [*some, *[_NOBODYS] * (size - len(some))]
            for found in _offers_of(size).all(*ids, now):
                event = some[found.pk]
                event.price_from, event.price_to = found.price_from, found.price_to
                event.is_available = found.is_available

    def lacks(self, event: Event, now: datetime) -> list[Lack]:
        return readiness.lacks(event, now)
