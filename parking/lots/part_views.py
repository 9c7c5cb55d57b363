"""The API face of what belongs to a lot, for its staff: parse, call, serialize."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from rest_framework import mixins, status, viewsets
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from parking.booking.quoting import kind_of
from parking.errors import LotNotReady, NoSpace, SpaceNumberTaken, SpacesInUse, TooManyPhotos
from parking.lots import capacities, numbered, photos
from parking.lots.examples import (
    BLOCK,
    BLOCK_REQUEST,
    CAPACITY,
    CAPACITY_REQUEST,
    PHOTO,
    PREVIEW,
    PREVIEW_REQUEST,
    PRICE_CHANGE,
    SERIES,
    SERIES_REQUEST,
    SPACE,
    SPACE_REQUEST,
)
from parking.lots.filters import PriceChangeFilter, SpaceFilter
from parking.lots.models import LotPhoto, ParkingCapacity, ParkingSpace
from parking.lots.permissions import RUN, block_of, photo_of, staff_lot, staff_space
from parking.lots.serializers import LotPhotoSerializer
from parking.lots.staff_serializers import (
    CapacityChangeSerializer,
    CapacitySerializer,
    LotPhotoAddSerializer,
    ParkingSpaceSerializer,
    PriceChangeSerializer,
    RatesPreviewRequestSerializer,
    RatesPreviewSerializer,
    SpaceBlockAddSerializer,
    SpaceBlockSerializer,
    SpaceSeriesSerializer,
    SpacesMadeSerializer,
)
from parking.lots.views import STAFF
from parking.pricing.models import PriceChange
from parking.rates.preview import preview
from parking.rates.tariff import parse
from parking.rates.words import describe
from parking.spaces import blocks
from parking.spaces.models import SpaceUse
from trufan.lib.errors import Forbidden, Invalid, Missing
from trufan.lib.idempotency import idempotent
from trufan.lib.schema import documented

RUNNERS = "Staff with `manage_parking` or `run_parking` there."
CREATED, GONE = status.HTTP_201_CREATED, status.HTTP_204_NO_CONTENT
REFUSALS = [Missing, Forbidden]


def asked_of(serializer: type[Any], request: Request, row: Any = None) -> Any:
    asked = serializer(row, data=request.data, partial=row is not None)
    asked.is_valid(raise_exception=True)
    return asked


class CapacityViewSet(viewsets.GenericViewSet):
    """How many spaces of which kind a lot has, and what stays on them would cost."""

    queryset = ParkingCapacity.objects.none()
    permission_classes = [IsAuthenticated]
    serializer_class = CapacitySerializer

    @documented(
        "Say how many spaces of a kind a lot has",
        permission=STAFF,
        description="Never fewer than are reserved, taken or blocked at any one time from now on.",
        request=CapacityChangeSerializer,
        response=CapacitySerializer,
        errors=[*REFUSALS, SpacesInUse, LotNotReady],
        request_example=CAPACITY_REQUEST,
        response_example=CAPACITY,
    )
    def set_spaces(self, request: Request, lot_id: UUID, kind: str) -> Response:
        lot = staff_lot(request.user, lot_id)
        asked = asked_of(CapacityChangeSerializer, request)
        row = capacities.put(lot, kind, request.user, timezone.now(), **asked.validated_data)
        return Response(CapacitySerializer(row).data)

    @documented(
        "Try a tariff",
        permission=STAFF,
        description="What it says in sentences, and what stays of some lengths would cost. Nothing is saved.",
        request=RatesPreviewRequestSerializer,
        response=RatesPreviewSerializer,
        errors=[*REFUSALS, LotNotReady, Invalid],
        request_example=PREVIEW_REQUEST,
        response_example=PREVIEW,
    )
    def rates_preview(self, request: Request, lot_id: UUID) -> Response:
        lot = staff_lot(request.user, lot_id)
        asked = asked_of(RatesPreviewRequestSerializer, request).validated_data
        written = asked.get("tariff", lot.tariff)
        if "tariff" not in asked and not written:
            raise LotNotReady(gettext("{lot} has no prices yet.").format(lot=lot))
        tariff = parse(written)
        begins = asked.get("starts_at") or timezone.now()
        rows = preview(tariff, lot.zone, lot.currency, begins, multiplier_ppm=asked["multiplier_ppm"])
        shown = {"currency": lot.currency, "sentences": describe(tariff, lot.currency), "rows": rows}
        return Response(RatesPreviewSerializer(shown).data)


class SpaceViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """The spaces of a lot that numbers them."""

    queryset = ParkingSpace.objects.none()
    permission_classes = [IsAuthenticated]
    serializer_class = ParkingSpaceSerializer
    filterset_class = SpaceFilter
    search_fields = ["number", "level"]
    ordering_fields = ["number", "level"]

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return ParkingSpace.objects.none()
        lot = staff_lot(self.request.user, self.kwargs["lot_id"], RUN)
        return self._with_cars(ParkingSpace.objects.filter(lot=lot)).order_by("level", "number", "pk")

    def _with_cars(self, rows: QuerySet) -> QuerySet:
        return rows.annotate(is_taken=Exists(SpaceUse.objects.filter(space=OuterRef("pk"), is_inside=True)))

    def _shown(self, space: ParkingSpace) -> Any:
        return ParkingSpaceSerializer(self._with_cars(ParkingSpace.objects.filter(pk=space.pk)).get()).data

    @documented(
        "List a lot's numbered spaces",
        permission=RUNNERS,
        response=ParkingSpaceSerializer(many=True),
        errors=REFUSALS,
        response_example=SPACE,
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @documented(
        "Add a numbered space",
        permission=STAFF,
        description="It says where a car stands. How many are sold, the lot's capacities say.",
        request=ParkingSpaceSerializer,
        response=ParkingSpaceSerializer,
        status=CREATED,
        errors=[*REFUSALS, SpaceNumberTaken],
        request_example=SPACE_REQUEST,
        response_example=SPACE,
        idempotent=True,
    )
    @idempotent
    def create(self, request: Request, lot_id: UUID) -> Response:
        lot = staff_lot(request.user, lot_id)
        asked = asked_of(ParkingSpaceSerializer, request)
        return Response(self._shown(numbered.add(lot, request.user, **asked.validated_data)), status=CREATED)

    @documented(
        "Add many numbered spaces",
        permission=STAFF,
        description="A series of numbers, all of it or nothing.",
        request=SpaceSeriesSerializer,
        response=SpacesMadeSerializer,
        status=CREATED,
        errors=[*REFUSALS, SpaceNumberTaken],
        request_example=SERIES_REQUEST,
        response_example=SERIES,
        idempotent=True,
    )
    @idempotent
    def create_series(self, request: Request, lot_id: UUID) -> Response:
        lot = staff_lot(request.user, lot_id)
        asked = asked_of(SpaceSeriesSerializer, request)
        kind, level = asked.validated_data["kind"], asked.validated_data["level"]
        made = numbered.add_many(lot, request.user, asked.numbers(), kind=kind, level=level)
        shown = {"count": len(made), "first": made[0].number, "last": made[-1].number}
        return Response(SpacesMadeSerializer(shown).data, status=CREATED)

    @documented(
        "Change a numbered space",
        permission=STAFF,
        description="`is_active` false takes it out of use, once no car stands on it.",
        request=ParkingSpaceSerializer(partial=True),
        response=ParkingSpaceSerializer,
        errors=[*REFUSALS, SpaceNumberTaken, SpacesInUse],
        request_example={"is_active": False},
        response_example={**SPACE, "is_active": False},
    )
    def partial_update(self, request: Request, pk: UUID) -> Response:
        space = staff_space(request.user, pk)
        asked = asked_of(ParkingSpaceSerializer, request, space)
        return Response(self._shown(numbered.change(space, request.user, **asked.validated_data)))


class LotPhotoViewSet(viewsets.GenericViewSet):
    """The pictures of a lot, which its page shows."""

    queryset = LotPhoto.objects.none()
    permission_classes = [IsAuthenticated]
    serializer_class = LotPhotoSerializer

    def get_parsers(self) -> list[Any]:
        return [MultiPartParser()] if getattr(self, "action_map", {}).get("post") else super().get_parsers()

    @documented(
        "Add a picture of a lot",
        permission=STAFF,
        description="As `multipart/form-data`. It is made small and loses what a camera wrote into it.",
        request={"multipart/form-data": LotPhotoAddSerializer},
        response=LotPhotoSerializer,
        status=CREATED,
        errors=[*REFUSALS, TooManyPhotos, Invalid],
        response_example=PHOTO,
        idempotent=True,
    )
    @idempotent(atomic=False)
    def create(self, request: Request, lot_id: UUID) -> Response:
        lot = staff_lot(request.user, lot_id)
        given = asked_of(LotPhotoAddSerializer, request).validated_data
        photo = photos.add(lot, request.user, given.pop("picture"), **given)
        return Response(self.get_serializer(photo).data, status=CREATED)

    @documented("Take a picture of a lot away", permission=STAFF, status=GONE, errors=REFUSALS)
    def destroy(self, request: Request, lot_id: UUID, pk: UUID) -> Response:
        photos.remove(photo_of(staff_lot(request.user, lot_id), pk), request.user)
        return Response(status=GONE)


class SpaceBlockViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """Spaces that nobody gets for a while."""

    queryset = SpaceUse.objects.none()
    permission_classes = [IsAuthenticated]
    serializer_class = SpaceBlockSerializer

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return SpaceUse.objects.none()
        return blocks.live(staff_lot(self.request.user, self.kwargs["lot_id"], RUN), timezone.now())

    @documented(
        "List blocked spaces",
        permission=RUNNERS,
        description="What is blocked now or will be, soonest first.",
        response=SpaceBlockSerializer(many=True),
        errors=REFUSALS,
        response_example=BLOCK,
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @documented(
        "Block spaces",
        permission=RUNNERS,
        description="They are neither sold nor given to cars that drive up. What is promised stays promised: 409 "
        "`no_space` where so many are not free for the whole of it.",
        request=SpaceBlockAddSerializer,
        response=SpaceBlockSerializer,
        status=CREATED,
        errors=[*REFUSALS, NoSpace, Invalid],
        request_example=BLOCK_REQUEST,
        response_example=BLOCK,
        idempotent=True,
    )
    @idempotent
    def create(self, request: Request, lot_id: UUID) -> Response:
        lot = staff_lot(request.user, lot_id, RUN)
        given = asked_of(SpaceBlockAddSerializer, request).validated_data
        capacity = kind_of(lot, given.pop("kind"))
        use = blocks.block(capacity, request.user, timezone.now(), **given)
        return Response(SpaceBlockSerializer(use).data, status=CREATED)

    @documented(
        "Lift a block",
        permission=RUNNERS,
        description="From now on. Lifted or over already: nothing changes.",
        status=GONE,
        errors=REFUSALS,
    )
    def destroy(self, request: Request, lot_id: UUID, pk: UUID) -> Response:
        lot = staff_lot(request.user, lot_id, RUN)
        blocks.lift(block_of(lot, pk), request.user, timezone.now())
        return Response(status=GONE)


class PriceChangeViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """How a lot's prices followed demand."""

    queryset = PriceChange.objects.none()
    permission_classes = [IsAuthenticated]
    serializer_class = PriceChangeSerializer
    filterset_class = PriceChangeFilter

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return PriceChange.objects.none()
        lot = staff_lot(self.request.user, self.kwargs["lot_id"], RUN)
        return PriceChange.objects.filter(capacity__lot=lot).select_related("capacity").order_by("-at", "-pk")

    @documented(
        "List price changes of a lot",
        permission=RUNNERS,
        description="Each with what was seen and why, latest first.",
        response=PriceChangeSerializer(many=True),
        errors=REFUSALS,
        response_example=PRICE_CHANGE,
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)
