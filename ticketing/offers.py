"""What events ask about their tickets: the provider that `events.offers` calls."""

from __future__ import annotations

from datetime import datetime

from django.db.models import BooleanField, Exists, ExpressionWrapper, Max, Min, OuterRef, Q, QuerySet, Subquery

from events.lacking import Lack
from events.models import Event
from ticketing import readiness
from ticketing.models import TicketType
from ticketing.prices import all_in, priced


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

    def lacks(self, event: Event, now: datetime) -> list[Lack]:
        return readiness.lacks(event, now)
