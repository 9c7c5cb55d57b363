"""The API face of saved vehicles: parse, call, serialize."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import mixins, status, viewsets
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from parking.errors import TooManyVehicles, VehicleKnown
from parking.vehicles import keeping
from parking.vehicles.examples import VEHICLE, VEHICLE_REQUEST
from parking.vehicles.models import Vehicle
from parking.vehicles.serializers import VehicleSerializer
from trufan.lib.errors import Invalid, Missing
from trufan.lib.idempotency import idempotent
from trufan.lib.schema import documented

OWN = "Anyone signed in, of their own."


class VehicleViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """Vehicles that a fan keeps, so that a plate is typed once."""

    http_method_names = ["get", "head", "post", "patch", "delete"]
    queryset = Vehicle.objects.none()
    permission_classes = [IsAuthenticated]
    serializer_class = VehicleSerializer
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return Vehicle.objects.none()
        mine = Vehicle.objects.filter(user=self.request.user.pk).select_related("user")
        return mine.order_by("-is_default", "name", "created_at", "pk")

    @documented("List my vehicles", permission=OWN, response=VehicleSerializer(many=True), response_example=VEHICLE)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @documented(
        "Show a vehicle of mine",
        permission=OWN,
        response=VehicleSerializer,
        errors=[Missing],
        response_example=VEHICLE,
    )
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().retrieve(request, *args, **kwargs)

    @documented(
        "Keep a vehicle",
        permission=OWN,
        description="Plates that a camera takes for one another, such as `B0B 1` and `8OB I`, are one vehicle.",
        request=VehicleSerializer,
        response=VehicleSerializer,
        status=status.HTTP_201_CREATED,
        errors=[VehicleKnown, TooManyVehicles, Invalid],
        request_example=VEHICLE_REQUEST,
        response_example=VEHICLE,
        idempotent=True,
    )
    @idempotent
    def create(self, request: Request) -> Response:
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        vehicle = keeping.add(request.user, **asked.validated_data)
        return Response(self.get_serializer(vehicle).data, status=status.HTTP_201_CREATED)

    @documented(
        "Change a vehicle of mine",
        permission=OWN,
        description="Changes what is sent. A new default takes the place of the old.",
        request=VehicleSerializer(partial=True),
        response=VehicleSerializer,
        errors=[Missing, VehicleKnown],
        request_example={"is_default": True},
        response_example=VEHICLE,
    )
    def partial_update(self, request: Request, pk: UUID) -> Response:
        vehicle = self.get_object()
        asked = self.get_serializer(vehicle, data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        return Response(self.get_serializer(keeping.change(vehicle, **asked.validated_data)).data)

    @documented(
        "Forget a vehicle of mine",
        permission=OWN,
        description="Reservations and stays that were made with it stay as they are.",
        status=status.HTTP_204_NO_CONTENT,
        errors=[Missing],
    )
    def destroy(self, request: Request, pk: UUID) -> Response:
        keeping.remove(self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)
