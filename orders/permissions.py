"""Who may reach which order."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext
from rest_framework.request import Request

from accounts.grants import Permission
from accounts.scope import own_or_venues
from orders import access
from orders.models import Order
from trufan.lib.errors import Forbidden, Missing
from venues.permissions import holds

ACCESS_HEADER = "X-Order-Access-Code"


def reachable_order(request: Request, order_id: UUID) -> Order:
    """The order, for its buyer, for who holds its access code, and for staff who may see orders there.

    For anyone else there is no such order: `Missing`.
    """
    order = Order.objects.select_related("venue").filter(pk=order_id).first()
    if order is None or not _may_reach(request, order):
        raise Missing(gettext("There is no such order."))
    return order


def own_order(request: Request, order_id: UUID) -> Order:
    """The same, but only for the buyer: staff do not pay or cancel in a buyer's name here."""
    order = Order.objects.filter(pk=order_id).first()
    if order is None or not _is_buyer(request, order):
        raise Missing(gettext("There is no such order."))
    return order


def refundable_order(request: Request, order_id: UUID) -> tuple[Order, bool]:
    """The order, and whether the caller refunds it as its buyer: then the venue's policy decides.

    Raises `Forbidden` for staff who may see the order and no more, `Missing` for everyone else.
    """
    order = reachable_order(request, order_id)
    if holds(request.user, Permission.REFUND_ORDERS, order.venue_id):
        return order, False
    if not _is_buyer(request, order):
        raise Forbidden(gettext("You may not refund orders here."))
    return order, True


def retriable_order(request: Request, order_id: UUID) -> Order:
    """The order, for staff who refund there. Raises `Forbidden` for whoever else may see it, `Missing` for the rest."""
    order, by_buyer = refundable_order(request, order_id)
    if by_buyer:
        raise Forbidden(gettext("Only the venue's staff ask again for a refund."))
    return order


def listed_orders(request: Request) -> QuerySet[Order]:
    """The caller's own orders, or with `?venue=` those of a venue where the caller may see orders."""
    venue = request.query_params.get("venue")
    return own_or_venues(Order.objects.all(), request.user, venue, owner="user", permission=Permission.VIEW_ORDERS)


def may_see(user: Any, code: str, order: Order) -> bool:
    """Whether the order is shown to this caller: its buyer, who holds its access code, staff who see orders there."""
    return is_buyer(user, code, order) or holds(user, Permission.VIEW_ORDERS, order.venue_id)


def is_buyer(user: Any, code: str, order: Order) -> bool:
    """Whether the caller is the buyer: by account, or by the order's access code."""
    if user.is_authenticated and order.user_id == user.pk:
        return True
    return bool(code) and access.allows(order, code)


def _may_reach(request: Request, order: Order) -> bool:
    return may_see(request.user, request.headers.get(ACCESS_HEADER, ""), order)


def _is_buyer(request: Request, order: Order) -> bool:
    return is_buyer(request.user, request.headers.get(ACCESS_HEADER, ""), order)
