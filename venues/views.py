"""The API face of venues: parse, call, serialize. Their staff and taxes stand in `tenant_views.py`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import mixins, status, viewsets
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.grants import Permission
from trufan.lib.errors import Forbidden, Missing, NotAuthenticated
from trufan.lib.idempotency import idempotent
from trufan.lib.schema import documented
from venues import profiles
from venues.errors import MayNotOpenVenue, SlugTaken
from venues.examples import VENUE, VENUE_DETAIL, VENUE_REQUEST
from venues.filters import VenueFilter
from venues.models import Venue
from venues.permissions import HoldsAtVenue
from venues.serializers import VenueDetailSerializer, VenueSerializer


class VenueViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """Places that sell."""

    http_method_names = ["get", "head", "post", "patch"]
    queryset = Venue.objects.none()
    serializer_class = VenueDetailSerializer
    filterset_class = VenueFilter
    search_fields = ["name", "description", "city", "street"]
    ordering_fields = ["name", "city", "created_at"]
    lookup_value_converter = "uuid"
    needs = {"create": None, "partial_update": Permission.MANAGE_VENUE}

    def get_permissions(self) -> list[Any]:
        return [HoldsAtVenue()] if self.action in self.needs else [AllowAny()]

    def filter_queryset(self, venues: QuerySet) -> QuerySet:
        """Filters narrow the list, and nothing else."""
        return super().filter_queryset(venues) if self.action == "list" else venues

    def get_queryset(self) -> QuerySet:
        if self.action == "list":
            return Venue.objects.all()  # the filter decides between everybody's and mine
        return Venue.objects.readable_by(self.request.user)

    def get_serializer_class(self) -> type[VenueSerializer]:
        return VenueSerializer if self.action == "list" else VenueDetailSerializer

    @documented(
        "List venues",
        permission="Anyone. `mine` needs a signed-in user.",
        description="Open venues by name. With `latitude` and `longitude`, those within `radius` metres, nearest "
        "first.",
        response=VenueSerializer(many=True),
        errors=[NotAuthenticated],
        response_example=VENUE,
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @documented(
        "Show a venue",
        permission="Anyone; a closed venue only its staff. Configuration, fees and state are shown to its staff only.",
        response=VenueDetailSerializer,
        errors=[Missing],
        response_example=VENUE_DETAIL,
    )
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().retrieve(request, *args, **kwargs)

    @documented(
        "Open a venue",
        permission="Venue admins and super admins, who become its first manager.",
        request=VenueDetailSerializer,
        response=VenueDetailSerializer,
        status=status.HTTP_201_CREATED,
        errors=[MayNotOpenVenue, SlugTaken],
        request_example=VENUE_REQUEST,
        response_example=VENUE_DETAIL,
        idempotent=True,
    )
    @idempotent
    def create(self, request: Request) -> Response:
        profiles.refuse_opening(request.user)
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        venue = profiles.open_venue(request.user, **asked.validated_data)
        return Response(self.get_serializer(venue).data, status=status.HTTP_201_CREATED)

    @documented(
        "Change a venue",
        permission="Staff with `manage_venue` there.",
        description="Changes what is sent. The currency stays once the venue has events.",
        request=VenueDetailSerializer(partial=True),
        response=VenueDetailSerializer,
        errors=[Missing, Forbidden, SlugTaken],
        request_example={"ticket_fee_fixed": 150, "ticket_fee_ppm": 25_000},
        response_example=VENUE_DETAIL,
    )
    def partial_update(self, request: Request, pk: UUID) -> Response:
        venue = self.get_object()
        asked = self.get_serializer(venue, data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        return Response(self.get_serializer(profiles.change(venue, request.user, **asked.validated_data)).data)
