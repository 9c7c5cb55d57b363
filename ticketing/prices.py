"""What a ticket costs, in SQL, so that events can be filtered and sorted by it."""

from __future__ import annotations

from django.db.models import BigIntegerField, Case, F, OuterRef, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce

from orders.pricing import WHOLE
from venues.models import FeeRule

_PRICE = F("price")
_ON_TOP = FeeRule.objects.order_by().filter(
    venue=OuterRef("event__venue"), kind=FeeRule.Kind.TICKET, paid_by=FeeRule.PaidBy.BUYER, is_active=True
)


def _share(ppm: F | Coalesce) -> Cast:
    """Rounded half up: `trufan.lib.money.share` of a price, which is never negative."""
    return Cast((_PRICE * ppm + Value(WHOLE // 2)) / Value(WHOLE), BigIntegerField())


def _of_rule(field: str) -> Coalesce:
    return Coalesce(Subquery(_ON_TOP.values(field), output_field=BigIntegerField()), Value(0))


_SERVICE_FEE = F("event__venue__ticket_fee_fixed") + _share(F("event__venue__ticket_fee_ppm"))
_PLATFORM_FEE = _of_rule("fixed") + _share(_of_rule("ppm"))

#: Price and all fees on top of a ticket type, before tax; what is free bears no fee. As `TicketType.all_in_price`.
ALL_IN = Case(
    When(price=0, then=Value(0)),
    default=Cast(_PRICE + _SERVICE_FEE + _PLATFORM_FEE, BigIntegerField()),
    output_field=BigIntegerField(),
)
