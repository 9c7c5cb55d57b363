"""The API face of lots: parse, call, serialize. Their parts stand in `part_views.py`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import mixins, status, viewsets
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.grants import Permission
from parking.errors import LotNameTaken, LotNotReady
from parking.lots import setting_up
from parking.lots.examples import LOT, LOT_PUBLIC, LOT_REQUEST
from parking.lots.filters import LotFilter
from parking.lots.finding import Window, window_of
from parking.lots.models import ParkingLot
from parking.lots.permissions import staff_lot
from parking.lots.serializers import LotSerializer, lot_context
from parking.lots.staff_serializers import LotAddSerializer, LotChangeSerializer, VenueOfLotSerializer
from parking.pricing import configuration
from parking.rates import tariff
from trufan.lib.errors import Forbidden, Invalid, InvalidMove, Missing, NotAuthenticated
from trufan.lib.idempotency import idempotent
from trufan.lib.schema import documented
from venues.permissions import venue_for

STAFF = "Staff with `manage_parking` there."
SEEN = "Anyone; a lot that is not open only staff of its venue. Some of it is shown to them only."
_WINDOW = [
    OpenApiParameter("starts_at", OpenApiTypes.DATETIME, description="With `ends_at`: what is free then."),
    OpenApiParameter("ends_at", OpenApiTypes.DATETIME, description="Until when."),
]


class LotViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """Places for cars."""

    queryset = ParkingLot.objects.none()
    serializer_class = LotSerializer
    filterset_class = LotFilter
    search_fields = ["name", "street", "city", "operator_name", "venue__name"]
    ordering_fields = ["name", "created_at"]
    lookup_value_converter = "uuid"

    def get_permissions(self) -> list[Any]:
        return [AllowAny()] if self.action in {"list", "retrieve", "by_sign"} else [IsAuthenticated()]

    def get_queryset(self) -> QuerySet:
        return ParkingLot.objects.with_all().order_by("name", "pk")

    @documented(
        "Find parking lots",
        permission="Anyone. `mine` needs a signed-in user.",
        description="Open lots by name; with `latitude` and `longitude`, those within `radius` metres, nearest first. "
        "`available` of each kind of space is what is free for the whole of the window `starts_at` to `ends_at`, or "
        "now: overlapping stays are counted at their peak.",
        response=LotSerializer(many=True),
        errors=[NotAuthenticated, Invalid],
        response_example=LOT_PUBLIC,
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        now = timezone.now()
        lots = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        window = window_of(request.query_params, now)
        return self.get_paginated_response(self._shown(lots, window, now))

    @documented(
        "Show a parking lot",
        permission=SEEN,
        response=LotSerializer,
        errors=[Missing, Invalid],
        response_example=LOT,
        parameters=_WINDOW,
    )
    def retrieve(self, request: Request, pk: UUID) -> Response:
        now = timezone.now()
        window = window_of(request.query_params, now)
        found = ParkingLot.objects.readable_by(request.user).with_all().filter(pk=pk).first()
        if found is None:
            raise Missing(gettext("There is no such lot."))
        return Response(self._shown([found], window, now)[0])

    @documented(
        "Find a parking lot by its sign",
        permission="Anyone.",
        description="What stands on the sign, in either case: where a driver pays who came without a reservation.",
        response=LotSerializer,
        errors=[Missing],
        response_example=LOT_PUBLIC,
    )
    def by_sign(self, request: Request, sign_code: str) -> Response:
        found = ParkingLot.objects.open().with_all().filter(sign_code=sign_code.upper()).first()
        if found is None:
            raise Missing(gettext("There is no lot with this sign."))
        return self._answer(found)

    @documented(
        "Add a parking lot",
        permission=STAFF,
        description="A draft, until it is opened. Tariff and pricing are checked against their schemas and more; a 422 "
        "names each problem by its path, such as `tariff.base.tiers[1].up_to_minutes`.",
        request=LotAddSerializer,
        response=LotSerializer,
        status=status.HTTP_201_CREATED,
        errors=[Missing, Forbidden, LotNameTaken],
        request_example=LOT_REQUEST,
        response_example={**LOT, "status": "draft"},
        idempotent=True,
    )
    @idempotent
    def create(self, request: Request) -> Response:
        named = VenueOfLotSerializer(data=request.data)
        named.is_valid(raise_exception=True)
        venue = venue_for(request.user, named.validated_data["venue"], Permission.MANAGE_PARKING)
        asked = LotAddSerializer(data=request.data, context={"venue": venue})
        asked.is_valid(raise_exception=True)
        lot = setting_up.create(venue, request.user, **asked.validated_data)
        return self._answer(lot, status.HTTP_201_CREATED)

    @documented(
        "Change a parking lot",
        permission=STAFF,
        description="Changes what is sent; `opening_hours` replace all there were. Quotes, reservations and stays keep "
        "the tariff they were made with.",
        request=LotChangeSerializer(partial=True),
        response=LotSerializer,
        errors=[Missing, Forbidden, LotNameTaken, LotNotReady],
        request_example={"exit_grace_minutes": 20},
        response_example=LOT,
    )
    def partial_update(self, request: Request, pk: UUID) -> Response:
        lot = staff_lot(request.user, pk)
        asked = LotChangeSerializer(lot, data=request.data, partial=True, context={"venue": lot.venue})
        asked.is_valid(raise_exception=True)
        return self._answer(setting_up.change(lot, request.user, **asked.validated_data))

    @documented(
        "Open a parking lot",
        permission=STAFF,
        description="From now on it is found, reserved and driven on. `details` of the refusal name all that is "
        "missing: `tariff`, `capacities`, `overstay_percent`, `opening_hours`. Open already: nothing changes.",
        response=LotSerializer,
        errors=[Missing, Forbidden, LotNotReady],
        response_example=LOT,
    )
    def open(self, request: Request, pk: UUID) -> Response:
        return self._answer(setting_up.open_lot(staff_lot(request.user, pk), request.user))

    @documented(
        "Close a parking lot",
        permission=STAFF,
        description="No car comes in and nothing more is sold. Who is inside drives out; what is reserved stays so.",
        response=LotSerializer,
        errors=[Missing, Forbidden, InvalidMove],
        response_example={**LOT, "status": "closed", "is_open": False},
    )
    def close(self, request: Request, pk: UUID) -> Response:
        return self._answer(setting_up.close(staff_lot(request.user, pk), request.user))

    def _answer(self, lot: ParkingLot, code: int = status.HTTP_200_OK) -> Response:
        now = timezone.now()
        fresh = ParkingLot.objects.with_all().get(pk=lot.pk)
        return Response(self._shown([fresh], window_of({}, now), now)[0], status=code)

    def _shown(self, lots: Any, window: Window, now: Any) -> Any:
        return LotSerializer(lots, many=True, context=lot_context(self.request, lots, window, now)).data


class TariffSchemaView(APIView):
    """The form of a tariff."""

    permission_classes = [AllowAny]

    @documented(
        "Show the JSON Schema of tariffs",
        permission="Anyone.",
        description="Draft 2020-12, for editors and for other systems. What a schema cannot say, such as that tiers "
        "grow, is checked when a tariff is saved.",
        response=OpenApiTypes.OBJECT,
        response_example=tariff.SCHEMA,
        operation_id="parking_rates_schema",
    )
    def get(self, request: Request) -> Response:
        return Response(tariff.SCHEMA)


class PricingSchemaView(APIView):
    """The form of a pricing configuration."""

    permission_classes = [AllowAny]

    @documented(
        "Show the JSON Schema of dynamic prices",
        permission="Anyone.",
        description="Draft 2020-12. What a schema cannot say, such as that the cap is over the floor, is checked when "
        "it is saved.",
        response=OpenApiTypes.OBJECT,
        response_example=configuration.SCHEMA,
        operation_id="parking_pricing_schema",
    )
    def get(self, request: Request) -> Response:
        return Response(configuration.SCHEMA)
