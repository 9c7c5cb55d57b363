"""Who may read which paper, and the paper itself; one that is due is issued at once for whoever asks."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from rest_framework.request import Request

from orders.errors import NoReceipt
from orders.models import Order
from orders.permissions import reachable_order
from orders.receipts import issuing, links
from orders.receipts.due import Receipted
from orders.receipts.models import Receipt
from trufan.lib.errors import Missing


def readable_order(request: Request, order_id: UUID) -> Order:
    """The order, for who may reach it and for who follows a link with a key to its papers. Raises `Missing`."""
    key = request.query_params.get(links.PARAMETER)
    if key is None:
        return reachable_order(request, order_id)
    order = Order.objects.filter(pk=order_id).first() if links.opens(order_id, key) else None
    if order is None:
        raise Missing(gettext("There is no such order, or this link is too old."))
    return order


def receipt_of(order: Order) -> Receipt:
    """The order's own receipt. Raises `NoReceipt` where nothing was paid for it."""
    return receipt_for(order)


def receipt_for(payable: Receipted) -> Receipt:
    """The receipt of anything that has one. Raises `NoReceipt` where nothing was paid for it."""
    if payable.receipts_due:
        issuing.issue(type(payable), payable.pk, timezone.now())
    receipt = Receipt.objects.filter(subject_id=payable.pk).select_related("order", "amends").first()
    if receipt is None:
        raise NoReceipt
    return receipt


def paper_of(order: Order, number: int) -> Receipt:
    """The paper of this number, if it is the order's. Raises `Missing`."""
    paper = _papers(order).filter(number=number).first()
    if paper is None:
        raise Missing(gettext("There is no such receipt."))
    return paper


def _papers(order: Order) -> QuerySet[Receipt]:
    return Receipt.objects.filter(order=order).select_related("order", "amends")
