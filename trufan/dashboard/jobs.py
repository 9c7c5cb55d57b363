"""The first thing each person came for, as large buttons: only what they may do."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.grants import Permission
from orders.models import Order
from trufan.dashboard.common import page

_JOBS = (
    (_("Sell at the door"), "point_of_sale", "admin:ticketing_doorsale_sell", Permission.SELL_AT_DOOR),
    (_("Door"), "door_open", "admin:ticketing_ticket_door", Permission.CHECK_IN),
    (_("Kitchen"), "skillet", "admin:orders_fulfilment_kitchen", Permission.RUN_KITCHEN),
    (_("Parking"), "local_parking", "admin:parking_parkinglot_board", Permission.RUN_PARKING),
    (_("Valet"), "key", "admin:parking_valetticket_board", Permission.RUN_PARKING),
    (_("Reports"), "monitoring", "admin:reports_reportschedule_reports", Permission.VIEW_REPORTS),
)


def jobs(request: HttpRequest) -> list[dict[str, Any]]:
    """Those of the person's rights, and the orders of who may see them."""
    user: Any = request.user
    mine = [
        {"title": title, "icon": icon, "url": reverse(name)}
        for title, icon, name, permission in _JOBS
        if user.is_superuser or user.venues_where(permission)
    ]
    if page(Order).has_view_permission(request):
        mine.append({"title": _("Orders"), "icon": "receipt_long", "url": page(Order).list_url(Order)})
    return mine
