"""The stock of variants: sold and taken back like tickets, with a warning to the staff when one runs low."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from django.db.models import F, Q

from accounts.grants import Permission
from notifications.outbox import notify
from orders import announcements, counters
from orders.menu.models import ProductVariant
from orders.models import OrderItem
from orders.sellable import Pieces
from venues import roles

#: At or below its mark. What carts hold does not count: a warning is about what was sold, not about who looks.
LOW = Q(quantity__isnull=False, low_at__isnull=False, quantity__lte=F("sold") + F("low_at"))


def sell(items: Sequence[OrderItem]) -> None:
    """What was held is now sold; the staff hear of what runs low by it."""
    counters.sell(ProductVariant, items)
    warn({item.item_id for item in items})


def take_back(pieces: Sequence[Pieces]) -> None:
    """Sold pieces return to the stock."""
    counts = counters.of_pieces(pieces)
    counters.take_back(ProductVariant, counts)
    note_refilled(counts.keys())


def warn(variant_ids: Collection[UUID]) -> None:
    """Tell the staff of each of these variants that has fallen to its mark, once until it was above it again.

    The caller's transaction has locked the rows by moving their counters.
    """
    low = list(
        ProductVariant.objects.filter(LOW, pk__in=variant_ids, is_low=False).select_related("product__outlet__venue")
    )
    if not low:
        return
    ProductVariant.objects.filter(pk__in=[variant.pk for variant in low]).update(is_low=True)
    for variant in low:
        _tell(variant)
    announcements.low_stock(low)


def note_refilled(variant_ids: Collection[UUID]) -> None:
    """What is above its mark again is warned of the next time it falls."""
    ProductVariant.objects.filter(pk__in=variant_ids, is_low=True).exclude(LOW).update(is_low=False)


def _tell(variant: ProductVariant) -> None:
    outlet = variant.product.outlet
    for person in roles.holders_of({Permission.MANAGE_MENU}, outlet.venue_id):
        notify(
            "low_stock",
            user=person,
            email=person.email,
            venue_id=outlet.venue_id,
            context={
                "product": str(variant),
                "outlet": outlet.name,
                "venue": outlet.venue.name,
                "left": (variant.quantity or 0) - variant.sold,
            },
        )
