"""The API face of variants, their stock and options, for staff: parse, call, serialize."""

from __future__ import annotations

from uuid import UUID

from rest_framework import status, viewsets
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from orders.errors import NotCounted, QuantityTooSmall
from orders.menu import products, stocktaking, writing
from orders.menu.examples import (
    GROUP,
    GROUP_REQUEST,
    OPTION,
    OPTION_REQUEST,
    STOCK_REQUEST,
    VARIANT,
    VARIANT_REQUEST,
)
from orders.menu.models import Option, OptionGroup, Product, ProductVariant
from orders.menu.permissions import staff_row
from orders.menu.product_views import CREATED, REFUSALS, asked_of
from orders.menu.serializers import OptionGroupSerializer, OptionSerializer
from orders.menu.staff_serializers import (
    OptionChangeSerializer,
    OptionGroupAddSerializer,
    OptionGroupChangeSerializer,
    StockSerializer,
    VariantAddSerializer,
    VariantChangeSerializer,
    VariantSerializer,
)
from orders.menu.views import STAFF
from trufan.lib.errors import Forbidden, Missing
from trufan.lib.idempotency import idempotent
from trufan.lib.schema import documented

GONE = status.HTTP_204_NO_CONTENT


class VariantViewSet(viewsets.GenericViewSet):
    """The sizes and kinds of a product, each with its price and its stock."""

    queryset = ProductVariant.objects.none()
    permission_classes = [IsAuthenticated]
    serializer_class = VariantSerializer

    @documented(
        "Add a variant",
        permission=STAFF,
        request=VariantAddSerializer,
        response=VariantSerializer,
        status=CREATED,
        errors=REFUSALS,
        request_example=VARIANT_REQUEST,
        response_example={**VARIANT, "held": 0, "sold": 0, "left": 120},
        idempotent=True,
    )
    @idempotent
    def create(self, request: Request, product_id: UUID) -> Response:
        product = staff_row(Product, request.user, product_id)
        variant = products.add_variant(product, request.user, **asked_of(VariantAddSerializer, request))
        return Response(VariantSerializer(variant).data, status=CREATED)

    @documented(
        "Change a variant",
        permission=STAFF,
        description="Orders keep the price they were placed at. The stock is changed by `/stock`.",
        request=VariantChangeSerializer(partial=True),
        response=VariantSerializer,
        errors=REFUSALS,
        request_example={"price": 1700},
        response_example={**VARIANT, "price": 1700},
    )
    def partial_update(self, request: Request, pk: UUID) -> Response:
        variant = staff_row(ProductVariant, request.user, pk)
        asked = asked_of(VariantChangeSerializer, request, variant)
        return Response(VariantSerializer(products.change_variant(variant, request.user, **asked)).data)

    @documented(
        "Count or correct a stock",
        permission=STAFF,
        description="Either `count`, what is there and not sold, or `delta`. The reason goes into the audit trail.",
        request=StockSerializer,
        response=VariantSerializer,
        errors=[Missing, Forbidden, QuantityTooSmall, NotCounted],
        request_example=STOCK_REQUEST,
        response_example={**VARIANT, "quantity": 117, "left": 75},
        idempotent=True,
    )
    @idempotent
    def stock(self, request: Request, pk: UUID) -> Response:
        variant = staff_row(ProductVariant, request.user, pk)
        asked = asked_of(StockSerializer, request)
        if "delta" in asked:
            row = stocktaking.correct(variant, request.user, delta=asked["delta"], reason=asked["reason"])
        else:
            row = stocktaking.count(variant, request.user, counted=asked["count"], reason=asked["reason"])
        return Response(VariantSerializer(row).data)


class OptionGroupViewSet(viewsets.GenericViewSet):
    """What a product asks its buyer to choose."""

    queryset = OptionGroup.objects.none()
    permission_classes = [IsAuthenticated]
    serializer_class = OptionGroupSerializer

    @documented(
        "Add a choice to a product",
        permission=STAFF,
        description="With its options. A `minimum` of 1 or more makes it required.",
        request=OptionGroupAddSerializer,
        response=OptionGroupSerializer,
        status=CREATED,
        errors=REFUSALS,
        request_example=GROUP_REQUEST,
        response_example=GROUP,
        idempotent=True,
    )
    @idempotent
    def create(self, request: Request, product_id: UUID) -> Response:
        product = staff_row(Product, request.user, product_id)
        group = products.add_group(product, request.user, **asked_of(OptionGroupAddSerializer, request))
        return Response(OptionGroupSerializer(group).data, status=CREATED)

    @documented(
        "Change a choice",
        permission=STAFF,
        request=OptionGroupChangeSerializer(partial=True),
        response=OptionGroupSerializer,
        errors=REFUSALS,
        request_example={"maximum": 4},
        response_example={**GROUP, "maximum": 4},
    )
    def partial_update(self, request: Request, pk: UUID) -> Response:
        group = staff_row(OptionGroup, request.user, pk)
        asked = asked_of(OptionGroupChangeSerializer, request, group)
        return Response(OptionGroupSerializer(products.change_group(group, request.user, **asked)).data)

    @documented(
        "Delete a choice",
        permission=STAFF,
        description="With its options; orders keep what was chosen.",
        status=GONE,
        errors=[Missing, Forbidden],
    )
    def destroy(self, request: Request, pk: UUID) -> Response:
        writing.remove(staff_row(OptionGroup, request.user, pk), request.user)
        return Response(status=GONE)


class OptionViewSet(viewsets.GenericViewSet):
    """What can be chosen."""

    queryset = Option.objects.none()
    permission_classes = [IsAuthenticated]
    serializer_class = OptionSerializer

    @documented(
        "Add an option",
        permission=STAFF,
        request=OptionChangeSerializer,
        response=OptionSerializer,
        status=CREATED,
        errors=REFUSALS,
        request_example=OPTION_REQUEST,
        response_example=OPTION,
        idempotent=True,
    )
    @idempotent
    def create(self, request: Request, group_id: UUID) -> Response:
        group = staff_row(OptionGroup, request.user, group_id)
        option = products.add_option(group, request.user, **asked_of(OptionChangeSerializer, request))
        return Response(OptionSerializer(option).data, status=CREATED)

    @documented(
        "Change an option",
        permission=STAFF,
        description="`is_available` false: nobody can pick it now.",
        request=OptionChangeSerializer(partial=True),
        response=OptionSerializer,
        errors=REFUSALS,
        request_example={"is_available": False},
        response_example={**OPTION, "is_available": False},
    )
    def partial_update(self, request: Request, pk: UUID) -> Response:
        option = staff_row(Option, request.user, pk)
        asked = asked_of(OptionChangeSerializer, request, option)
        return Response(OptionSerializer(products.change_option(option, request.user, **asked)).data)

    @documented(
        "Delete an option",
        permission=STAFF,
        description="Orders keep what was chosen.",
        status=GONE,
        errors=[Missing, Forbidden],
    )
    def destroy(self, request: Request, pk: UUID) -> Response:
        writing.remove(staff_row(Option, request.user, pk), request.user)
        return Response(status=GONE)
