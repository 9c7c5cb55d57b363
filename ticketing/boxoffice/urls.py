"""The box office under `/api/v1/`."""

from django.urls import path

from ticketing.boxoffice.sale_views import DoorSaleTicketsView, DoorSaleView, DoorSaleViewSet, DrawerView
from ticketing.boxoffice.views import CompViewSet, HouseHoldViewSet, ReleaseView

urlpatterns = [
    path(
        "events/<uuid:event_id>/house-holds",
        HouseHoldViewSet.as_view({"get": "list", "post": "create"}),
        name="event-house-holds",
    ),
    path("house-holds/<uuid:hold_id>/release", ReleaseView.as_view(), name="house-hold-release"),
    path("events/<uuid:event_id>/comps", CompViewSet.as_view({"get": "list", "post": "create"}), name="event-comps"),
    path(
        "events/<uuid:event_id>/door-sales",
        DoorSaleViewSet.as_view({"get": "list", "post": "create"}),
        name="event-door-sales",
    ),
    path(
        "events/<uuid:event_id>/door-sales/preview",
        DoorSaleViewSet.as_view({"post": "preview"}),
        name="event-door-sale-preview",
    ),
    path("door-sales/<uuid:sale_id>", DoorSaleView.as_view(), name="door-sale"),
    path("door-sales/<uuid:sale_id>/tickets.pdf", DoorSaleTicketsView.as_view(), name="door-sale-tickets"),
    path("venues/<uuid:venue_id>/door-sales/summary", DrawerView.as_view(), name="door-sales-summary"),
]
