"""The API face of products, for their staff: parse, call, serialize. Their parts stand in `staff_views.py`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import mixins, status, viewsets
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from orders.errors import NameInUse
from orders.menu import pictures, products
from orders.menu.examples import (
    PRODUCT,
    PRODUCT_REQUEST,
)
from orders.menu.models import Outlet, Product
from orders.menu.permissions import RUN, staff_row
from orders.menu.querysets import hours
from orders.menu.serializers import menu_context
from orders.menu.staff_serializers import (
    PictureSerializer,
    ProductAddSerializer,
    ProductChangeSerializer,
    ProductSerializer,
)
from orders.menu.views import ON_THE_NIGHT, STAFF
from trufan.lib.errors import Forbidden, Invalid, Missing
from trufan.lib.idempotency import idempotent
from trufan.lib.schema import documented

CREATED = status.HTTP_201_CREATED
REFUSALS = [Missing, Forbidden, NameInUse]


def asked_of(serializer: type[Any], request: Request, row: Any = None, **context: Any) -> dict[str, Any]:
    asked = serializer(row, data=request.data, partial=row is not None, context=context)
    asked.is_valid(raise_exception=True)
    return asked.validated_data


class ProductViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """What an outlet sells, with its stock."""

    queryset = Product.objects.none()
    permission_classes = [IsAuthenticated]
    serializer_class = ProductSerializer
    search_fields = ["name", "category"]
    ordering_fields = ["position", "name"]

    def get_parsers(self) -> list[Any]:
        return [MultiPartParser()] if getattr(self, "action_map", {}).get("put") else super().get_parsers()

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), **menu_context(self.request, timezone.now())}

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return Product.objects.none()
        outlet = staff_row(Outlet, self.request.user, self.kwargs["outlet_id"], RUN)
        return self._with_all(Product.objects.filter(outlet=outlet)).order_by("position", "name", "pk")

    def _with_all(self, rows: Any) -> Any:
        return rows.select_related("outlet__venue").with_menu().prefetch_related(*hours(timezone.now(), "outlet__"))

    def _shown(self, product: Product) -> dict[str, Any]:
        return self.get_serializer(self._with_all(Product.objects.filter(pk=product.pk)).get()).data

    @documented(
        "List what an outlet sells",
        permission=ON_THE_NIGHT,
        description="With counters, and with what the public menu leaves out.",
        response=ProductSerializer(many=True),
        errors=[Missing, Forbidden],
        response_example=PRODUCT,
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @documented(
        "Add a product",
        permission=STAFF,
        description="With its variants: one without a name where there is only one.",
        request=ProductAddSerializer,
        response=ProductSerializer,
        status=CREATED,
        errors=REFUSALS,
        request_example=PRODUCT_REQUEST,
        response_example=PRODUCT,
        idempotent=True,
    )
    @idempotent
    def create(self, request: Request, outlet_id: UUID) -> Response:
        outlet = staff_row(Outlet, request.user, outlet_id)
        product = products.create(outlet, request.user, **asked_of(ProductAddSerializer, request, venue=outlet.venue))
        return Response(self._shown(product), status=CREATED)

    @documented(
        "Show a product with its stock",
        permission=ON_THE_NIGHT,
        response=ProductSerializer,
        errors=[Missing, Forbidden],
        response_example=PRODUCT,
    )
    def retrieve(self, request: Request, pk: UUID) -> Response:
        return Response(self._shown(staff_row(Product, request.user, pk, RUN)))

    @documented(
        "Change a product",
        permission=STAFF,
        description="Orders keep what they were placed at. `is_active` false takes it off the menu for good.",
        request=ProductChangeSerializer(partial=True),
        response=ProductSerializer,
        errors=REFUSALS,
        request_example={"description": "Two patties, pickles, house sauce."},
        response_example=PRODUCT,
    )
    def partial_update(self, request: Request, pk: UUID) -> Response:
        product = staff_row(Product, request.user, pk)
        asked = asked_of(ProductChangeSerializer, request, product, venue=product.outlet.venue)
        return Response(self._shown(products.change(product, request.user, **asked)))

    @documented(
        "Mark a product sold out",
        permission=ON_THE_NIGHT,
        description='"86": nobody can order it from now on, whatever the stock says.',
        response=ProductSerializer,
        errors=[Missing, Forbidden],
        response_example={**PRODUCT, "is_sold_out": True, "is_available": False,
                          "unavailable_because": "Smash burger is sold out."},
    )  # fmt: skip
    def sold_out(self, request: Request, pk: UUID) -> Response:
        product = staff_row(Product, request.user, pk, RUN)
        return Response(self._shown(products.set_sold_out(product, request.user, True)))

    @documented(
        "Put a product back on the menu",
        permission=ON_THE_NIGHT,
        response=ProductSerializer,
        errors=[Missing, Forbidden],
        response_example=PRODUCT,
    )
    def back(self, request: Request, pk: UUID) -> Response:
        product = staff_row(Product, request.user, pk, RUN)
        return Response(self._shown(products.set_sold_out(product, request.user, False)))

    @documented(
        "Give a product a picture",
        permission=STAFF,
        description="As `multipart/form-data`. It is made small and loses what a camera wrote into it.",
        request={"multipart/form-data": PictureSerializer},
        response=ProductSerializer,
        errors=[Missing, Forbidden, Invalid],
        response_example=PRODUCT,
    )
    def picture(self, request: Request, pk: UUID) -> Response:
        product = staff_row(Product, request.user, pk)
        asked = asked_of(PictureSerializer, request)
        return Response(self._shown(pictures.put(product, request.user, asked["picture"])))

    @documented(
        "Take a product's picture away",
        permission=STAFF,
        response=ProductSerializer,
        errors=[Missing, Forbidden],
        response_example=PRODUCT,
    )
    def no_picture(self, request: Request, pk: UUID) -> Response:
        product = staff_row(Product, request.user, pk)
        return Response(self._shown(pictures.put(product, request.user, None)))
