"""The API face of a venue's promo codes: parse, call, serialize."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import django_filters
from django.http import HttpResponse
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.grants import Permission
from orders.errors import PromoCodeTaken
from orders.promos import managing
from orders.promos.exporting import csv_answer
from orders.promos.models import PromoCode, PromoUse
from orders.promos.serializers import (
    BatchMadeSerializer,
    BatchSerializer,
    PromoCodeChangeSerializer,
    PromoCodeSerializer,
    PromoUseSerializer,
)
from trufan.lib.errors import Forbidden, Missing
from trufan.lib.idempotency import idempotent
from trufan.lib.listing import FilterSet
from trufan.lib.schema import documented
from venues.query_filters import FlagFilter
from venues.tenant_views import TenantViewSet

STAFF = "Staff with `manage_promos` there."
_TERMS: dict[str, Any] = {
    "name": "Newsletter",
    "kind": "percent",
    "ppm": 100_000,
    "item_type": "ticket",
    "per_person_limit": 1,
    "ends_at": "2027-01-01T05:00:00Z",
}
PROMO: dict[str, Any] = {
    **_TERMS, "id": "0199f3a2-9e00-7e11-9b00-c1d2e3f4a5b6", "code": "WELCOME10", "amount": 0, "pieces": 1,
    "maximum": None, "event": None, "outlet": None, "product": None, "starts_at": None, "total_limit": 500,
    "is_stackable": False, "is_active": True, "batch": "", "used": 12, "created_at": "2026-11-20T18:00:00Z",
}  # fmt: skip
USE: dict[str, Any] = {
    "id": "0199f3a2-9f00-7e11-9b00-c1d2e3f4a5b6", "order": "0199f3a2-8d10-7a9b-8c7d-6e5f4a3b2c1d",
    "number": "7K3M9Q2XHD", "status": "used", "discount": 1000, "currency": "USD", "created_at": "2026-11-20T18:00:00Z",
}  # fmt: skip


class PromoCodeFilter(FilterSet):
    kind = django_filters.ChoiceFilter(choices=PromoCode.Kind.choices)
    batch = django_filters.CharFilter()
    is_active = FlagFilter()

    class Meta:
        model = PromoCode
        fields: list[str] = []


class PromoCodeViewSet(TenantViewSet):
    """What takes something off a cart."""

    queryset = PromoCode.objects.order_by("-created_at", "code")
    serializer_class = PromoCodeSerializer
    filterset_class = PromoCodeFilter
    search_fields = ["code", "name", "batch"]
    ordering_fields = ["created_at", "code", "used"]
    needed = Permission.MANAGE_PROMOS

    def _asked(self, kind: type, **options: Any) -> dict[str, Any]:
        asked = kind(data=self.request.data, context={"venue": self.venue}, **options)
        asked.is_valid(raise_exception=True)
        return asked.validated_data

    @documented(
        "List a venue's promo codes",
        permission=STAFF,
        response=PromoCodeSerializer(many=True),
        errors=[Missing, Forbidden],
        response_example=PROMO,
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @documented(
        "Add a promo code",
        permission=STAFF,
        description="`percent` and `parking` take `ppm` of the price, `fixed` an `amount` of the whole order, "
        "`free_item` so many `pieces`, the cheapest first; none more than `maximum`. `parking` is for parking alone. "
        "What it is for is narrowed by `item_type`, `event`, `outlet` and `product`.",
        request=PromoCodeChangeSerializer,
        response=PromoCodeSerializer,
        status=status.HTTP_201_CREATED,
        errors=[Missing, Forbidden, PromoCodeTaken],
        request_example={"code": "WELCOME10", **_TERMS, "total_limit": 500},
        response_example={**PROMO, "used": 0},
        idempotent=True,
    )
    @idempotent
    def create(self, request: Request, venue_id: UUID) -> Response:
        promo = managing.create(self.venue, request.user, **self._asked(PromoCodeChangeSerializer))
        return Response(PromoCodeSerializer(promo).data, status=status.HTTP_201_CREATED)

    @documented(
        "Show a promo code",
        permission=STAFF,
        response=PromoCodeSerializer,
        errors=[Missing, Forbidden],
        response_example=PROMO,
    )
    def retrieve(self, request: Request, venue_id: UUID, pk: UUID) -> Response:
        return Response(PromoCodeSerializer(self.get_object()).data)

    @documented(
        "Change a promo code",
        permission=STAFF,
        description="Orders that have it already keep what it took off, unless they are changed themselves.",
        request=PromoCodeChangeSerializer(partial=True),
        response=PromoCodeSerializer,
        errors=[Missing, Forbidden, PromoCodeTaken],
        request_example={"is_active": False},
        response_example={**PROMO, "is_active": False},
    )
    def partial_update(self, request: Request, venue_id: UUID, pk: UUID) -> Response:
        promo = self.get_object()
        changed = managing.change(promo, request.user, **self._asked(PromoCodeChangeSerializer, partial=True))
        return Response(PromoCodeSerializer(changed).data)

    @documented(
        "Make many promo codes",
        permission=STAFF,
        description=f"Up to {managing.MAX_BATCH}, each `prefix` and {managing.RANDOM_LENGTH} random characters.",
        request=BatchSerializer,
        response=BatchMadeSerializer,
        status=status.HTTP_201_CREATED,
        errors=[Missing, Forbidden, PromoCodeTaken],
        request_example={"batch": "Sponsors", "count": 2, "prefix": "VIP-", "kind": "percent", "ppm": 1_000_000},
        response_example={"batch": "Sponsors", "codes": ["VIP-7K3M9Q2XHD", "VIP-B8RTW4ZC5N"]},
        idempotent=True,
    )
    @idempotent
    def generate(self, request: Request, venue_id: UUID) -> Response:
        made = managing.generate(self.venue, request.user, **self._asked(BatchSerializer))
        shown = {"batch": made[0].batch, "codes": [promo.code for promo in made]}
        return Response(BatchMadeSerializer(shown).data, status=status.HTTP_201_CREATED)

    @documented(
        "Download promo codes",
        permission=STAFF,
        description="The same list as CSV, in full: `batch` and the other filters narrow it.",
        media_type="text/csv",
        errors=[Missing, Forbidden],
    )
    def download(self, request: Request, venue_id: UUID) -> HttpResponse:
        rows = self.filter_queryset(self.get_queryset())
        return csv_answer(rows)


class PromoUseViewSet(TenantViewSet):
    """The orders that a code was used for."""

    queryset = PromoUse.objects.select_related("order")
    serializer_class = PromoUseSerializer
    needed = Permission.MANAGE_PROMOS

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return PromoUse.objects.none()
        return PromoUse.objects.select_related("order").filter(promo=self.kwargs["pk"], promo__venue=self.venue)

    @documented(
        "List the uses of a promo code",
        permission=STAFF,
        response=PromoUseSerializer(many=True),
        errors=[Missing, Forbidden],
        response_example=USE,
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)
