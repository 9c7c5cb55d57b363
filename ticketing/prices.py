"""What a ticket costs, in SQL, so that events can be filtered and sorted by it."""

from __future__ import annotations

from datetime import datetime

from django.db.models import BigIntegerField, Case, F, OuterRef, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce

from orders.pricing import WHOLE
from ticketing.pricing.models import TicketRelease
from ticketing.querysets import TicketTypeQuerySet
from venues.models import FeeRule

_ON_TOP = FeeRule.objects.order_by().filter(
    venue=OuterRef("event__venue"), kind=FeeRule.Kind.TICKET, paid_by=FeeRule.PaidBy.BUYER, is_active=True
)


def _share(price: F, ppm: F | Coalesce) -> Cast:
    """Rounded half up: `trufan.lib.money.share` of a price, which is never negative."""
    return Cast((price * ppm + Value(WHOLE // 2)) / Value(WHOLE), BigIntegerField())


def _of_rule(field: str) -> Coalesce:
    return Coalesce(Subquery(_ON_TOP.values(field), output_field=BigIntegerField()), Value(0))


def all_in(column: str) -> Case:
    """The price in `column` of ticket types with all fees on top, before tax; what is free bears no fee.

    As `TicketType.all_in`.
    """
    price = F(column)
    service_fee = F("event__venue__ticket_fee_fixed") + _share(price, F("event__venue__ticket_fee_ppm"))
    platform_fee = _of_rule("fixed") + _share(price, _of_rule("ppm"))
    return Case(
        When(**{column: 0}, then=Value(0)),
        default=Cast(price + service_fee + platform_fee, BigIntegerField()),
        output_field=BigIntegerField(),
    )


def priced(types: TicketTypeQuerySet, now: datetime) -> TicketTypeQuerySet:
    """The ticket types with `price_now`, that of the release open at `now`, else their own; and with `price_low`,
    the least that one is had for where buyers name the price.
    """
    releases = TicketRelease.objects.open(now).filter(ticket_type=OuterRef("pk"))
    turn = releases.order_by("position", "created_at", "pk").values("price")[:1]
    return types.annotate(
        price_now=Case(
            When(min_price=None, then=Coalesce(Subquery(turn, output_field=BigIntegerField()), F("price"))),
            default=F("price"),
            output_field=BigIntegerField(),
        )
    ).annotate(price_low=Coalesce(F("min_price"), F("price_now"), output_field=BigIntegerField()))
