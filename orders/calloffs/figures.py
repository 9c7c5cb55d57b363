"""What calling an event off would mean, before; and how far it has come, after. A fixed number of queries each."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from events.models import Event
from orders.calloffs.choosing import orders_of
from orders.calloffs.models import CallOff, CallOffOrder
from orders.kitchen.models import Fulfilment
from orders.models import Order, OrderItem, RefundLine
from orders.sellable import sellable_model
from payments.models import Refund


def preview(event: Event, *, also: Collection[str] = (), keep_fees: bool = False) -> dict[str, Any]:
    """`orders`, `disputed` (orders whose money a bank holds: they fail until that is decided), `currency`, `amount`
    that goes back at most, `kept`, and `kinds`: of each its `lines`, `pieces`, `value`, and whether it `goes_back`.

    Amounts in minor units. What was given back by amount before, or is used by the time, makes it less.
    """
    orders = orders_of(event)
    kinds = [_kind(event, orders, kind, also) for kind in _kinds(orders)]
    going = [each for each in kinds if each["goes_back"]]
    kept = sum(each["fees"] for each in going if sellable_model(each["kind"]).admits) if keep_fees else 0
    return {
        "orders": orders.count(),
        "disputed": orders.filter(amount_disputed__gt=0).count(),
        "currency": event.venue.currency,
        "amount": sum(each["value"] for each in going) - kept,
        "kept": kept,
        "kinds": [{name: each[name] for name in ("kind", "lines", "pieces", "value", "goes_back")} for each in kinds],
    }


def progress(call_off: CallOff) -> dict[str, int]:
    """Orders by what became of them, and the money asked back, kept, and of it `arrived` and `refused` by the provider.

    Three queries.
    """
    rows = CallOffOrder.objects.filter(call_off=call_off).order_by()
    sums = rows.aggregate(
        total=Count("pk"),
        pending=Count("pk", filter=Q(status="pending")),
        refunded=Count("pk", filter=Q(status="refunded")),
        nothing=Count("pk", filter=Q(status="nothing")),
        failed=Count("pk", filter=Q(status="failed")),
        amount=Coalesce(Sum("amount"), 0),
        kept=Coalesce(Sum("kept"), 0),
    )
    parts = Refund.objects.filter(order_refunds__call_off__call_off=call_off).order_by()
    money = dict(parts.values_list("status").annotate(sum=Sum("amount")))
    refused = parts.filter(status__in=["failed", "came_back"], replaced_by=None)
    return {
        **sums,
        "arrived": money.get("succeeded", 0),
        "refused": refused.aggregate(n=Count("order_refunds__order", distinct=True))["n"],
    }


def _kinds(orders: QuerySet[Order]) -> list[str]:
    lines = OrderItem.objects.filter(order__in=orders.order_by().values("pk"), status=OrderItem.Status.FULFILLED)
    return sorted(set(lines.order_by().values_list("item_type", flat=True)))


def _kind(event: Event, orders: QuerySet[Order], kind: str, also: Collection[str]) -> dict[str, Any]:
    """What of this kind was bought for the event and was neither refunded nor handed over."""
    model = sellable_model(kind)
    things = model.of_event(event.pk)
    own = Q(item_id__in=things) if things is not None else Q()
    if not model.admits:
        own = own | Q(order__event=event.pk) if things is not None else Q(order__event=event.pk)
    lines = OrderItem.objects.order_by().filter(
        own, order__in=orders.order_by().values("pk"), item_type=kind, status=OrderItem.Status.FULFILLED
    )
    lines = lines.filter(Q(fulfilment=None) | Q(fulfilment__status__in=Fulfilment.OPEN))
    sums = lines.aggregate(
        lines=Count("pk"),
        pieces=Coalesce(Sum(F("quantity") - F("quantity_refunded")), 0),
        value=Coalesce(Sum("total"), 0),
        fees=Coalesce(Sum("fee"), 0),
    )
    # A refund that lapsed counts no more; one with any part that goes, or went, does.
    back = RefundLine.objects.order_by().filter(item__in=lines.values("pk"))
    back = back.exclude(refund__in=_lapsed(back))
    gone = back.aggregate(value=Coalesce(Sum("value"), 0), fees=Coalesce(Sum("fee"), 0))
    return {
        "kind": kind,
        "lines": sums["lines"],
        "pieces": sums["pieces"],
        "value": sums["value"] - gone["value"],
        "fees": sums["fees"] - gone["fees"],
        "goes_back": model.admits or kind in also,
    }


def _lapsed(back: QuerySet[RefundLine]) -> QuerySet:
    """Refunds of these lines of which nothing goes any more: they have parts, and all of them failed."""
    failed = Count("refund__parts", filter=Q(refund__parts__status="failed"))
    counted = back.values("refund").annotate(parts=Count("refund__parts"), failed=failed)
    return counted.filter(parts__gt=0, parts=F("failed")).values("refund")
