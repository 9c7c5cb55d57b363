"""The API face of seating plans: parse, call, serialize."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.functional import cached_property
from drf_spectacular.types import OpenApiTypes
from rest_framework import mixins, status, viewsets
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.grants import Permission
from trufan.lib.errors import Forbidden, Invalid, Missing
from trufan.lib.idempotency import idempotent
from trufan.lib.listing import FilterSet
from trufan.lib.parsers import StrictJSONParser
from trufan.lib.schema import documented
from venues.models import Venue
from venues.permissions import venue_for
from venues.query_filters import FlagFilter
from venues.seating import exporting, importing, plans
from venues.seating.access import plan_for
from venues.seating.errors import SeatingPlanNameTaken, SeatingPlanRetired, SeatsInUse
from venues.seating.examples import LAYOUT, PLAN, PLAN_DETAIL, PLAN_REQUEST, SEATS_CSV
from venues.seating.models import SeatingPlan
from venues.seating.parsers import CsvParser
from venues.seating.querysets import SeatingPlanQuerySet
from venues.seating.responses import csv_of, picture_of
from venues.seating.serializers import (
    LayoutSerializer,
    SeatingPlanChangeSerializer,
    SeatingPlanDetailSerializer,
    SeatingPlanRequestSerializer,
    SeatingPlanSerializer,
)

READERS = "Staff of the venue."
WRITERS = "Staff with `manage_events` there."


class SeatingPlanFilter(FilterSet):
    is_active = FlagFilter()

    class Meta:
        model = SeatingPlan
        fields: list[str] = []


class VenueSeatingPlanViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """The plans of the venue in the path."""

    permission_classes = [IsAuthenticated]
    queryset = SeatingPlan.objects.none()
    serializer_class = SeatingPlanSerializer
    filterset_class = SeatingPlanFilter
    search_fields = ["name"]
    ordering_fields = ["name", "created_at"]

    @cached_property
    def venue(self) -> Venue:
        """The venue in the path; raises `Missing` or `Forbidden`."""
        needed = Permission.MANAGE_EVENTS if self.action == "create" else Permission.VIEW_VENUE
        return venue_for(self.request.user, self.kwargs["venue_id"], needed)

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return SeatingPlan.objects.none()
        rows: SeatingPlanQuerySet = SeatingPlan.objects.all()
        return rows.with_counts().filter(venue=self.venue).order_by("name", "id")

    @documented(
        "List a venue's seating plans",
        permission=READERS,
        description="By name; retired ones too, unless `is_active` says otherwise.",
        response=SeatingPlanSerializer(many=True),
        errors=[Missing, Forbidden],
        response_example=PLAN,
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @documented(
        "Draw up a seating plan",
        permission=WRITERS,
        description="A plan without seats; `PUT /seating-plans/{id}/seats` gives it some.",
        request=SeatingPlanRequestSerializer,
        response=SeatingPlanDetailSerializer,
        status=status.HTTP_201_CREATED,
        errors=[Missing, Forbidden, SeatingPlanNameTaken],
        request_example=PLAN_REQUEST,
        response_example={
            **PLAN_DETAIL, "version": 0, "section_count": 0, "seat_count": 0, "standing_count": 0, "sections": [],
        },
        idempotent=True,
    )  # fmt: skip
    @idempotent
    def create(self, request: Request, venue_id: UUID) -> Response:
        venue = self.venue
        asked = SeatingPlanRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        plan = plans.create(venue, request.user, **asked.validated_data)
        return Response(_shown(request, plan.pk), status=status.HTTP_201_CREATED)


class SeatingPlanViewSet(viewsets.GenericViewSet):
    """One plan."""

    permission_classes = [IsAuthenticated]
    queryset = SeatingPlan.objects.none()
    serializer_class = SeatingPlanDetailSerializer
    filter_backends: list[Any] = []

    def get_parsers(self) -> list[Any]:
        action = getattr(self, "action_map", None) or {}
        takes_files = "replace" in action.values()
        return [StrictJSONParser(), CsvParser()] if takes_files else super().get_parsers()

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """A file and a picture are asked for as such, which no renderer of data speaks."""
        return super().perform_content_negotiation(request, force or self.action in {"download", "map"})

    @documented(
        "Show a seating plan",
        permission=READERS,
        response=SeatingPlanDetailSerializer,
        errors=[Missing],
        response_example=PLAN_DETAIL,
    )
    def retrieve(self, request: Request, pk: UUID) -> Response:
        return Response(_shown(request, pk))

    @documented(
        "Change a seating plan",
        permission=WRITERS,
        description="Its name, its stage, and whether new events may be sold by it.",
        request=SeatingPlanChangeSerializer(partial=True),
        response=SeatingPlanDetailSerializer,
        errors=[Missing, Forbidden, SeatingPlanNameTaken],
        request_example={"name": "End stage, wide"},
        response_example={**PLAN_DETAIL, "name": "End stage, wide"},
    )
    def partial_update(self, request: Request, pk: UUID) -> Response:
        plan = plan_for(request.user, pk, Permission.MANAGE_EVENTS)
        asked = SeatingPlanChangeSerializer(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        plans.change(plan, request.user, **asked.validated_data)
        return Response(_shown(request, pk))

    @documented(
        "Retire a seating plan",
        permission=WRITERS,
        description="No new event is sold by it. It stays, for the events that are; `is_active` brings it back.",
        status=status.HTTP_204_NO_CONTENT,
        errors=[Missing, Forbidden],
    )
    def destroy(self, request: Request, pk: UUID) -> Response:
        plans.retire(plan_for(request.user, pk, Permission.MANAGE_EVENTS), request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @documented(
        "Show a plan's seats",
        permission=READERS,
        description="All of them, in the form in which `PUT` takes them.",
        response=LayoutSerializer,
        errors=[Missing],
        response_example=LAYOUT,
    )
    def seats(self, request: Request, pk: UUID) -> Response:
        return Response(exporting.as_json(plan_for(request.user, pk, Permission.VIEW_VENUE)))

    @documented(
        "Replace a plan's seats",
        permission=WRITERS,
        description="With all of the body, or with nothing of it: whatever is wrong is answered at once, up to a "
        "hundred problems, and nothing is written. A seat keeps its id by its label; one that is in use may move, not "
        "go. At most 25,000 seats. A `text/csv` body has the seats alone: sections keep their outline.",
        request={"application/json": LayoutSerializer, "text/csv": OpenApiTypes.STR},
        response=SeatingPlanDetailSerializer,
        errors=[Missing, Forbidden, Invalid, SeatsInUse, SeatingPlanRetired],
        request_example=LAYOUT,
        response_example=PLAN_DETAIL,
    )
    def replace(self, request: Request, pk: UUID) -> Response:
        plan = plan_for(request.user, pk, Permission.MANAGE_EVENTS)
        is_file = isinstance(request.data, bytes)
        replace = importing.replace_from_csv if is_file else importing.replace_from_json
        replace(plan, request.data, request.user)
        return Response(_shown(request, pk))

    @documented(
        "Download a plan's seats",
        permission=READERS,
        description="As CSV, for a spreadsheet, in the form in which `PUT` takes them.",
        errors=[Missing],
        response_example=SEATS_CSV,
        media_type="text/csv",
    )
    def download(self, request: Request, pk: UUID) -> HttpResponse:
        return csv_of(plan_for(request.user, pk, Permission.VIEW_VENUE))

    @documented(
        "Show a seating plan's picture",
        permission=READERS,
        description="Outlines, seats with their labels, a ring around accessible ones. With its `ETag` in "
        "`If-None-Match`, 304 while nothing changed.",
        errors=[Missing],
        media_type="image/svg+xml",
    )
    def map(self, request: Request, pk: UUID) -> HttpResponse:
        return picture_of(request, plan_for(request.user, pk, Permission.VIEW_VENUE))


def _shown(request: Request, pk: UUID) -> Any:
    return SeatingPlanDetailSerializer(plan_for(request.user, pk, Permission.VIEW_VENUE)).data
