"""Where outlets and what they sell are reached."""

from typing import Any

from django.urls import path

from orders.menu.product_views import ProductViewSet
from orders.menu.staff_views import OptionGroupViewSet, OptionViewSet, VariantViewSet
from orders.menu.views import DaypartViewSet, OutletViewSet

_rows: dict[str, Any] = {"get": "list", "post": "create"}
_row: dict[str, Any] = {"get": "retrieve", "patch": "partial_update"}
_add: dict[str, Any] = {"post": "create"}
_change: dict[str, Any] = {"patch": "partial_update"}
_part: dict[str, Any] = {"patch": "partial_update", "delete": "destroy"}
_sold_out: dict[str, Any] = {"post": "sold_out", "delete": "back"}
_picture: dict[str, Any] = {"put": "picture", "delete": "no_picture"}
urlpatterns = [
    path("venues/<uuid:venue_id>/outlets", OutletViewSet.as_view(_rows), name="outlet-list"),
    path("venues/<uuid:venue_id>/dayparts", DaypartViewSet.as_view(_rows), name="daypart-list"),
    path("dayparts/<uuid:pk>", DaypartViewSet.as_view(_part), name="daypart"),
    path("outlets/<uuid:pk>", OutletViewSet.as_view(_row), name="outlet"),
    path("outlets/<uuid:pk>/menu", OutletViewSet.as_view({"get": "menu"}), name="outlet-menu"),
    path("outlets/<uuid:pk>/status", OutletViewSet.as_view({"post": "set_status"}), name="outlet-status"),
    path("outlets/<uuid:outlet_id>/products", ProductViewSet.as_view(_rows), name="product-list"),
    path("products/<uuid:pk>", ProductViewSet.as_view(_row), name="product"),
    path("products/<uuid:pk>/sold-out", ProductViewSet.as_view(_sold_out), name="product-sold-out"),
    path("products/<uuid:pk>/picture", ProductViewSet.as_view(_picture), name="product-picture"),
    path("products/<uuid:product_id>/variants", VariantViewSet.as_view(_add), name="variant-list"),
    path("variants/<uuid:pk>", VariantViewSet.as_view(_change), name="variant"),
    path("variants/<uuid:pk>/stock", VariantViewSet.as_view({"post": "stock"}), name="variant-stock"),
    path("products/<uuid:product_id>/option-groups", OptionGroupViewSet.as_view(_add), name="option-group-list"),
    path("option-groups/<uuid:pk>", OptionGroupViewSet.as_view(_part), name="option-group"),
    path("option-groups/<uuid:group_id>/options", OptionViewSet.as_view(_add), name="option-list"),
    path("options/<uuid:pk>", OptionViewSet.as_view(_part), name="option"),
]
