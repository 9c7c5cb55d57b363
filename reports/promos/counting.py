"""A day of promo codes: what was paid with them and what went back of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from uuid import UUID

from django.db.models import QuerySet

from orders.models import Order, PromoCode, PromoUse
from parking.models import ParkingCharge
from payments.models import JournalEntry, Payment, Refund
from reports.promos.models import PromoDay
from reports.rollups.base import VenueDay
from reports.sales.moves import MOVES, orders_of, rest_of
from trufan.lib.money import allot

_SUMS = ("uses", "discount", "revenue", "refunded")
#: What something was bought with: the code, and what it took off.
Used = Sequence[tuple[UUID, int]]
Sums = dict[tuple[str, UUID], Counter[str]]


def compute(day: VenueDay) -> list[PromoDay]:
    """The rows of one day."""
    sums: Sums = defaultdict(Counter)
    for orders in orders_of(day):
        _whole(sums, orders)
    moves, payments = rest_of(day)
    counted = {pk: payment for pk, payment in payments.items() if payment.counted}
    used = {**_of_orders(row.payable_id for row in counted.values()), **_of_charges(day, counted.values())}
    amounts = dict(Refund.objects.filter(pk__in=[source for _, _, source, _ in moves]).values_list("pk", "amount"))
    for kind, payment_id, source_id, _ in moves:
        payment = counted.get(payment_id)
        codes = used.get(payment.payable_id, ()) if payment else ()
        if payment and codes and kind == JournalEntry.Kind.CHARGE:
            _use(sums, payment.currency, codes, payment.amount)
        elif payment and codes:
            _spread(sums, payment.currency, codes, "refunded", -MOVES[kind] * amounts[source_id])
    return [
        PromoDay(venue_id=day.venue_id, day=day.day, currency=currency, promo_id=promo_id,
                 **{key: figures[key] for key in _SUMS})
        for (currency, promo_id), figures in sorted(sums.items())
        if any(figures.values())
    ]  # fmt: skip


def _whole(sums: Sums, orders: QuerySet[Order]) -> None:
    """Orders that were paid whole. Read from the orders to their codes: whatever others ever used."""
    used = orders.filter(promo_uses__status=PromoUse.Status.USED).order_by("pk", "promo_uses__promo_id")
    rows = used.values_list("pk", "currency", "amount_total", "promo_uses__promo_id", "promo_uses__discount").iterator()
    for (_, currency, amount), codes in groupby(rows, key=itemgetter(0, 1, 2)):
        _use(sums, currency, [(promo_id, discount) for *_, promo_id, discount in codes], amount)


def _use(sums: Sums, currency: str, codes: Used, amount: int) -> None:
    for promo_id, discount in codes:
        sums[currency, promo_id].update(uses=1, discount=discount)
    if codes:
        _spread(sums, currency, codes, "revenue", amount)


def _spread(sums: Sums, currency: str, codes: Used, measure: str, amount: int) -> None:
    """By what each took off, so that nothing counts twice."""
    parts = allot(amount, [discount for _, discount in codes])
    for (promo_id, _), part in zip(codes, parts, strict=True):
        sums[currency, promo_id][measure] += part


def _of_orders(ids: Iterable[UUID]) -> Mapping[UUID, Used]:
    used: dict[UUID, list[tuple[UUID, int]]] = defaultdict(list)
    uses = PromoUse.objects.filter(order_id__in=ids, status=PromoUse.Status.USED).order_by("order_id", "promo_id")
    for order_id, promo_id, discount in uses.values_list("order_id", "promo_id", "discount"):
        used[order_id].append((promo_id, discount))
    return used


def _of_charges(day: VenueDay, payments: Iterable[Payment]) -> Mapping[UUID, Used]:
    """Stays that somebody's validation paid a part of; charges keep the code by its word."""
    ids = [row.payable_id for row in payments if row.payable_type == ParkingCharge.payable_type]
    charges = list(ParkingCharge.objects.filter(pk__in=ids).exclude(promo_code=""))
    words = {charge.promo_code for charge in charges}
    promos = dict(PromoCode.objects.filter(venue_id=day.venue_id, code__in=words).values_list("code", "pk"))
    return {each.pk: [(promos[each.promo_code], each.discount)] for each in charges if each.promo_code in promos}
