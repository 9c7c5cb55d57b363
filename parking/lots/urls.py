"""Lots and what belongs to them, below `/api/v1/parking/`."""

from typing import Any

from django.urls import path

from parking.lots.part_views import (
    CapacityViewSet,
    LotPhotoViewSet,
    PriceChangeViewSet,
    SpaceBlockViewSet,
    SpaceViewSet,
)
from parking.lots.views import LotViewSet, PricingSchemaView, TariffSchemaView

_lot = "lots/<uuid:lot_id>"
_rows: dict[str, Any] = {"get": "list", "post": "create"}
_list: dict[str, Any] = {"get": "list"}
_add: dict[str, Any] = {"post": "create"}
_gone: dict[str, Any] = {"delete": "destroy"}
urlpatterns = [
    path("lots", LotViewSet.as_view(_rows), name="parking-lot-list"),
    path("lots/<uuid:pk>", LotViewSet.as_view({"get": "retrieve", "patch": "partial_update"}), name="parking-lot"),
    path("lots/<uuid:pk>/open", LotViewSet.as_view({"post": "open"}), name="parking-lot-open"),
    path("lots/<uuid:pk>/close", LotViewSet.as_view({"post": "close"}), name="parking-lot-close"),
    path("signs/<slug:sign_code>", LotViewSet.as_view({"get": "by_sign"}), name="parking-sign"),
    path("rates/schema", TariffSchemaView.as_view(), name="parking-rates-schema"),
    path("pricing/schema", PricingSchemaView.as_view(), name="parking-pricing-schema"),
    path(f"{_lot}/capacities/<slug:kind>", CapacityViewSet.as_view({"put": "set_spaces"}), name="parking-capacity"),
    path(f"{_lot}/rates/preview", CapacityViewSet.as_view({"post": "rates_preview"}), name="parking-rates-preview"),
    path(f"{_lot}/spaces", SpaceViewSet.as_view(_rows), name="parking-space-list"),
    path(f"{_lot}/spaces/series", SpaceViewSet.as_view({"post": "create_series"}), name="parking-space-series"),
    path("spaces/<uuid:pk>", SpaceViewSet.as_view({"patch": "partial_update"}), name="parking-space"),
    path(f"{_lot}/photos", LotPhotoViewSet.as_view(_add), name="parking-lot-photos"),
    path(f"{_lot}/photos/<uuid:pk>", LotPhotoViewSet.as_view(_gone), name="parking-lot-photo"),
    path(f"{_lot}/blocks", SpaceBlockViewSet.as_view(_rows), name="parking-block-list"),
    path(f"{_lot}/blocks/<uuid:pk>", SpaceBlockViewSet.as_view(_gone), name="parking-block"),
    path(f"{_lot}/price-changes", PriceChangeViewSet.as_view(_list), name="parking-price-change-list"),
]
