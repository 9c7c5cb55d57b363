"""Who bought is forgotten, and the books stay: by a guest who asks, by staff for them, and by age."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from audit.trail import record
from notifications import erasure as messages
from orders.errors import BuyerHasAccount, BuyerStillNeeded
from orders.locking import lock
from orders.models import Fulfilment, Order, OrderItem, OrderRating
from orders.signals import buyers_forgotten
from trufan.lib import retention
from trufan.lib.retention import Kind, Staying
from trufan.lib.words import lazy as _

_KNOWN = ~Q(contact_email="", contact_phone="", contact_name="")
_NEVER_PAID = Q(status__in=[Order.Status.EXPIRED, Order.Status.CANCELLED])


def erase_buyer(order: Order, *, by: Any, now: datetime) -> Order:
    """Forget the guest who bought this order, everywhere that tells of them by it. Doing it again changes nothing.

    Raises `BuyerHasAccount`, `BuyerStillNeeded` (409).
    """
    with transaction.atomic():
        locked = lock(order.pk)
        if locked.user_id:
            raise BuyerHasAccount
        if locked.status == Order.Status.PENDING:
            raise BuyerStillNeeded
        email, phone = locked.contact_email, str(locked.contact_phone)
        _forget([locked.pk], now, asked=True)
        # What waits for the same guest of another order of theirs is still to be said.
        others = Order.objects.filter(venue_id=locked.venue_id, user=None).exclude(contact_email="")
        waits = others.filter(contact_email=email).exists()
        messages.erase_at(locked.venue_id, email, phone, now, also_waiting=not waits)
        record("order.buyer_erased", locked, actor=by)
        locked.refresh_from_db()
    return locked


def blank(orders: QuerySet[Order]) -> None:
    """Take contact, notes and places to bring things to off the orders; amounts and lines stay."""
    ids = list(orders.order_by().values_list("pk", flat=True))
    Fulfilment.objects.filter(order__in=ids).update(section="", row="", seat="", note="")
    Order.objects.filter(pk__in=ids).update(contact_email="", contact_phone="", contact_name="", delivery={})
    noted = list(OrderItem.objects.filter(order__in=ids, options__has_key="note"))
    for item in noted:
        del item.options["note"]
    OrderItem.objects.bulk_update(noted, ["options"], batch_size=200)


def forget_guests(now: datetime) -> int:
    """The sweep `orders.guests`: who bought without an account long ago, nothing being to come; how many orders."""
    before = retention.before("GUEST_CONTACT_DAYS", now)
    if before is None:
        return 0
    old = Order.objects.filter(_KNOWN, user=None, created_at__lt=before)
    over = old.exclude(status=Order.Status.PENDING).exclude(event__ends_at__gte=before)
    return _forget_batch(over, now)


def forget_unpaid(now: datetime) -> int:
    """The sweep `orders.unpaid`: who left carts that were never paid; how many orders."""
    before = retention.before("UNPAID_CONTACT_DAYS", now)
    if before is None:
        return 0
    return _forget_batch(Order.objects.filter(_NEVER_PAID, _KNOWN, amount_paid=0, created_at__lt=before), now)


def _forget_batch(rows: QuerySet[Order], now: datetime) -> int:
    """Locked in the order in which everybody locks orders; who is locked already is left for the next sweep."""
    with transaction.atomic():
        ids = retention.batch(rows.order_by("created_at"))
        locked = rows.filter(pk__in=ids).select_for_update(of=("self",), skip_locked=True).order_by("pk")
        ids = list(locked.values_list("pk", flat=True))
        _forget(ids, now, asked=False)
    return len(ids)


def _forget(ids: Sequence[UUID], now: datetime, *, asked: bool) -> None:
    if ids:
        buyers_forgotten.send(sender=Order, order_ids=ids, now=now, asked=asked)
        blank(Order.objects.filter(pk__in=ids))
        OrderRating.objects.filter(order__in=ids).exclude(comment="").update(comment="")


def connect() -> None:
    """Called when the app is ready: what orders keep, and for how long."""
    contact = ("orders.Order.contact_email", "orders.Order.contact_phone", "orders.Order.contact_name")
    retention.declare(
        Kind(
            "orders.guests",
            _("Who bought without an account: e-mail address, phone, name, notes and where things were brought"),
            _("Refunds, disputes and questions come back to the buyer for as long as a bank may ask."),
            forget_guests,
            retention.oldest_of(lambda: Order.objects.filter(_KNOWN, user=None), "created_at"),
            setting="GUEST_CONTACT_DAYS",
            fields=(*contact, "orders.Order.delivery", "orders.Fulfilment.note", "orders.OrderRating.comment"),
            pace=retention.HOURLY,
        )
    )
    retention.declare(
        Kind(
            "orders.unpaid",
            _("Who left a cart that was never paid"),
            _("Money that comes late still finds its buyer."),
            forget_unpaid,
            retention.oldest_of(lambda: Order.objects.filter(_NEVER_PAID, _KNOWN, amount_paid=0), "created_at"),
            setting="UNPAID_CONTACT_DAYS",
            fields=contact,
            pace=retention.HOURLY,
        )
    )
    retention.stays(
        Staying(
            "orders.books",
            _("Orders, their lines and amounts, and receipts with their legal text"),
            _(
                "Tax law asks for the books, six to ten years in most countries. "
                "They name no buyer once the buyer is forgotten."
            ),
            ("orders.Receipt.contents",),
        )
    )
    retention.stays(
        Staying(
            "orders.of_accounts",
            _("The contact on orders of people who have an account"),
            _("It is theirs to read, for as long as the account stands; erasing the account takes it away."),
            contact,
        )
    )
