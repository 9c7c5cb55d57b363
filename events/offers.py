"""What events need to know about the tickets sold for them, asked of whoever sells tickets.

Events stand below ticketing and cannot ask it. So ticketing registers a provider here, once, from its
`AppConfig.ready()`. With no provider an event has no price, is never available and cannot be published.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from django.db.models import BigIntegerField, BooleanField, Value
from django.utils.translation import gettext

from events.lacking import Lack, Place


class Provider(Protocol):
    """Who sells tickets for events."""

    def annotate(self, queryset: Any, now: datetime) -> Any:
        """Events with `price_from`, `price_to` and `is_available`.

        Prices are all-in (price and service fee, before tax) over the open ticket types, in minor units of the
        venue's currency, null without any. `is_available`: some open type is on sale at `now` and has stock.
        """

    def note(self, events: Sequence[Any], now: datetime) -> None:
        """Give events in hand what `annotate` would."""

    def lacks(self, event: Any, now: datetime) -> list[Lack]:
        """What the event's tickets lack before they can be sold, in sentences for its operator."""


_provider: Provider | None = None


def register(provider: Provider) -> None:
    """Make `provider` the one that is asked."""
    global _provider
    _provider = provider


def annotate(queryset: Any, now: datetime) -> Any:
    """`queryset` of events with `price_from`, `price_to` and `is_available`; see `Provider.annotate`."""
    if _provider is not None:
        return _provider.annotate(queryset, now)
    unknown = Value(None, output_field=BigIntegerField(null=True))
    return queryset.annotate(
        price_from=unknown, price_to=unknown, is_available=Value(False, output_field=BooleanField())
    )


def note(events: Sequence[Any], now: datetime) -> None:
    """Give events in hand what `annotate` would: a query or two, however many. Those that have it are left alone."""
    lacking = [event for event in events if not hasattr(event, "price_from")]
    if _provider is not None and lacking:
        _provider.note(lacking, now)
    for event in lacking if _provider is None else ():
        event.price_from = event.price_to = None
        event.is_available = False


def priced(queryset: Any, now: datetime) -> Any:
    """`queryset` annotated, unless it is."""
    return queryset if "price_from" in queryset.query.annotations else annotate(queryset, now)


def lacks(event: Any, now: datetime) -> list[Lack]:
    """What the event's tickets lack before they can be sold; see `Provider.lacks`."""
    if _provider is None:
        return [Lack("no_seller", gettext("Nothing sells tickets here."), Place.TICKET_TYPES)]
    return _provider.lacks(event, now)
