"""Products on their way back: on what terms for their buyer, and what of them returns to the stock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext

from audit.trail import record
from orders.errors import RefundNotOffered, RefundTooLate
from orders.kitchen.models import Fulfilment
from orders.menu import stock
from orders.menu.models import Product, ProductVariant
from orders.models import Order, OrderItem
from orders.pricing import Terms
from orders.sellable import Pieces
from trufan.lib.errors import DomainError


def terms(items: Sequence[OrderItem]) -> list[Terms | DomainError]:
    """For each line: all of it goes back as long as the outlet has not taken the order, afterwards nothing."""
    fulfilments = Fulfilment.objects.select_related("outlet").in_bulk({item.fulfilment_id for item in items} - {None})
    return [_terms(fulfilments.get(item.fulfilment_id)) for item in items]


def take_back(order: Order, pieces: Sequence[Pieces], now: datetime) -> None:
    """The pieces return to the stock, save food that was begun: that is gone, and no longer among all there were."""
    stock.take_back(pieces)
    gone: Counter[UUID] = Counter()
    for each in _used_up(pieces):
        gone[each.item.item_id] += each.quantity
        said = {"variant": each.item.item_id, "quantity": each.quantity, "order": order.pk}
        record("stock.written_off", each.item, new=said, venue_id=order.venue_id)
    for variant_id, count in sorted(gone.items()):
        # Where nobody counts, the quantity is NULL and stays so.
        ProductVariant.objects.filter(pk=variant_id).update(quantity=F("quantity") - count)


def _terms(fulfilment: Fulfilment | None) -> Terms | DomainError:
    if fulfilment is None:
        return RefundNotOffered()
    if fulfilment.status != Fulfilment.Status.PLACED:
        return RefundTooLate(gettext("{outlet} has taken this order. Ask its staff.").format(outlet=fulfilment.outlet))
    return Terms()


def _used_up(pieces: Sequence[Pieces]) -> list[Pieces]:
    """Those of the pieces that nobody can sell again: food and drink that the outlet had begun to make."""
    fulfilments = Fulfilment.objects.in_bulk({each.item.fulfilment_id for each in pieces} - {None})
    begun = {pk for pk, fulfilment in fulfilments.items() if fulfilment.was_begun}
    found = [each for each in pieces if each.item.fulfilment_id in begun]
    if not found:
        return []
    food = ProductVariant.objects.filter(product__kind=Product.Kind.CONCESSION)
    eaten = food.in_bulk({each.item.item_id for each in found})
    return [each for each in found if each.item.item_id in eaten]
