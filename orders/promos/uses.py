"""How often codes are used: a counter on the code's row, moved by conditional UPDATEs, and a row for each order.

The UPDATE that counts also locks the code until the commit, so that what one person has used is asked by one at a time.
Codes are locked in key order, after all stock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import F, Q
from django.utils.translation import gettext

from orders.errors import CounterBroken, PromoUsedUp
from orders.models import Order
from orders.promos.applying import Applied
from orders.promos.models import PromoCode, PromoUse

HELD, USED, RELEASED = PromoUse.Status.HELD, PromoUse.Status.USED, PromoUse.Status.RELEASED
#: A code without a limit, or with some uses left.
OPEN = Q(total_limit=None) | Q(total_limit__gt=F("used"))


def hold(order: Order, applied: Sequence[Applied]) -> None:
    """Count the order's codes as used by its buyer. Raises `PromoUsedUp`; the caller's transaction rolls back."""
    for each in sorted(applied, key=lambda each: each.promo.pk):
        _take(each.promo, order)
    PromoUse.objects.bulk_create(PromoUse(promo=each.promo, order=order, discount=each.discount) for each in applied)


def rehold(order: Order, applied: Sequence[Applied]) -> None:
    """The order's codes are now these: those that go are given back, those that stay are never let go of."""
    held = {use.promo_id: use for use in PromoUse.objects.filter(order=order)}
    now = {each.promo.pk: each for each in applied}
    lock({*held, *now})
    give_back(promo for promo, use in held.items() if promo not in now and use.status == HELD)
    PromoUse.objects.filter(order=order).exclude(promo__in=now).update(status=RELEASED)
    for promo_id, each in sorted(now.items()):
        use = held.get(promo_id)
        if use is None or use.status == RELEASED:
            _take(each.promo, order)
        PromoUse.objects.update_or_create(
            order=order, promo=each.promo, defaults={"discount": each.discount, "status": HELD}
        )


def release(orders: Iterable[Order], also: Iterable[UUID] = ()) -> None:
    """Orders end unpaid: what they held may be used by others. `also` are codes that the caller will take."""
    ids = [order.pk for order in orders if order.discount]
    if not ids:
        return
    held = PromoUse.objects.filter(order__in=ids, status=HELD)
    promos = list(held.values_list("promo_id", flat=True))
    lock({*promos, *also})
    give_back(promos)
    held.update(status=RELEASED)


def take_again(order: Order) -> None:
    """An expired order is paid after all. Raises `PromoUsedUp` where others took its codes meanwhile."""
    if not order.discount:
        return
    released = PromoUse.objects.filter(order=order, status=RELEASED)
    for use in released.select_related("promo").order_by("promo_id"):
        if use.promo.code in order.discount_by_code:
            _take(use.promo, order)
            PromoUse.objects.filter(pk=use.pk).update(status=HELD)


def consume(order: Order) -> None:
    """The order is paid: its codes stay used, whatever becomes of it."""
    if order.discount:
        PromoUse.objects.filter(order=order, status=HELD).update(status=USED)


def lock(ids: Iterable[UUID]) -> list[PromoCode]:
    """The codes by those ids, locked in key order until the transaction ends."""
    rows = PromoCode.objects.select_for_update(of=("self",), no_key=True)
    return list(rows.filter(pk__in=set(ids)).order_by("pk"))


def refuse_used_up(applied: Sequence[Applied], user_id: UUID | None, email: str) -> None:
    """Say before anything is held that a code will not be had. Raises `PromoUsedUp`."""
    for each in applied:
        if each.promo.is_used_up or _person_is_through(each.promo, user_id, email):
            raise _used_up(each.promo)


def of_person(user_id: UUID | None, email: str) -> Q:
    """The uses by one account or e-mail address."""
    person = Q(order__user=user_id) if user_id else Q(pk=None)
    return person | Q(order__contact_email=email) if email else person


def count(promo: PromoCode) -> None:
    """One use more, and the code's row locked until the commit. Raises `PromoUsedUp`.

    For whatever uses a code and is no order, which keeps its own record of it.
    """
    if not PromoCode.objects.filter(OPEN, pk=promo.pk).update(used=F("used") + 1):
        raise _used_up(promo)


def give_back(promos: Iterable[UUID]) -> None:
    """One use less of each, as often as it is named. Raises `CounterBroken`."""
    for promo_id, times in sorted(Counter(promos).items()):
        if not PromoCode.objects.filter(pk=promo_id, used__gte=times).update(used=F("used") - times):
            raise CounterBroken


def _take(promo: PromoCode, order: Order) -> None:
    count(promo)
    if _person_is_through(promo, order.user_id, order.contact_email, without=order.pk):
        raise _used_up(promo)


def _person_is_through(promo: PromoCode, user_id: UUID | None, email: str, without: UUID | None = None) -> bool:
    if promo.per_person_limit is None:
        return False
    uses = PromoUse.objects.filter(of_person(user_id, email.lower()), promo=promo, status__in=[HELD, USED])
    return uses.exclude(order=without).count() >= promo.per_person_limit


def _used_up(promo: PromoCode) -> PromoUsedUp:
    refusal = PromoUsedUp(gettext("{code} was used as often as it may be.").format(code=promo.code))
    refusal.details = [refusal.at("promo_code")]
    return refusal
