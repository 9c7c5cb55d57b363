"""The API face of reports by e-mail."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.functional import cached_property
from rest_framework import viewsets
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.grants import Permission
from reports import examples
from reports.schedules import keeping, sending
from reports.schedules.errors import JustSent, NameTaken, NobodyToSendTo
from reports.schedules.models import ReportSchedule
from reports.schedules.serializers import ReportScheduleSerializer, WriteScheduleSerializer
from trufan.lib.errors import Forbidden, Missing
from trufan.lib.schema import documented
from trufan.lib.words import lazy as _
from venues.models import Venue
from venues.permissions import venue_for

STAFF = "Staff with `view_reports` there."


class ReportScheduleViewSet(viewsets.GenericViewSet):
    """Reports that the venue in the path sends by e-mail."""

    permission_classes = [IsAuthenticated]
    filter_backends: list[Any] = []
    queryset = ReportSchedule.objects.none()
    serializer_class = ReportScheduleSerializer

    @cached_property
    def venue(self) -> Venue:
        """The venue in the path; raises `Missing` or `Forbidden`."""
        return venue_for(self.request.user, self.kwargs["venue_id"], Permission.VIEW_REPORTS)

    def rows(self) -> QuerySet[ReportSchedule]:
        rows = ReportSchedule.objects.filter(venue=self.venue)
        return rows.select_related("venue").prefetch_related("recipients")

    def row(self, pk: UUID) -> ReportSchedule:
        return get_object_or_404(self.rows(), pk=pk)

    @documented(
        "List the reports sent by e-mail",
        permission=STAFF,
        response=ReportScheduleSerializer(many=True),
        errors=[Missing, Forbidden],
        response_example=examples.SCHEDULE,
    )
    def list(self, request: Request, venue_id: UUID) -> Response:
        page = self.paginate_queryset(self.rows().order_by("name", "pk"))
        return self.get_paginated_response(ReportScheduleSerializer(page, many=True).data)

    @documented(
        "Send a report by e-mail",
        permission=STAFF,
        description=_(
            "Every day, week or month at an hour of the venue's clock, to staff who may read its "
            "reports; that is asked again whenever it is sent."
        ),
        request=WriteScheduleSerializer,
        response=ReportScheduleSerializer,
        status=201,
        errors=[Missing, Forbidden, NameTaken],
        request_example=examples.NEW_SCHEDULE,
        response_example=examples.SCHEDULE,
    )
    def create(self, request: Request, venue_id: UUID) -> Response:
        venue = self.venue
        given = WriteScheduleSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        fields = given.fields_for(venue)
        is_active = fields.pop("is_active", True)
        row = keeping.create(venue, **fields, by=request.user, now=timezone.now())
        row = row if is_active else keeping.pause(row, by=request.user, now=timezone.now())
        return Response(ReportScheduleSerializer(row).data, status=201)

    @documented(
        "Read a report sent by e-mail",
        permission=STAFF,
        response=ReportScheduleSerializer,
        errors=[Missing, Forbidden],
        response_example=examples.SCHEDULE,
    )
    def retrieve(self, request: Request, venue_id: UUID, pk: UUID) -> Response:
        return Response(ReportScheduleSerializer(self.row(pk)).data)

    @documented(
        "Change a report sent by e-mail",
        permission=STAFF,
        description=_(
            "What is left out stays. `is_active` false pauses it, true sends it again from its next due time."
        ),
        request=WriteScheduleSerializer(partial=True),
        response=ReportScheduleSerializer,
        errors=[Missing, Forbidden, NameTaken],
        request_example={"hour": 8},
        response_example={**examples.SCHEDULE, "hour": 8},
    )
    def partial_update(self, request: Request, venue_id: UUID, pk: UUID) -> Response:
        row, now = self.row(pk), timezone.now()
        given = WriteScheduleSerializer(row, data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        fields = given.fields_for(row.venue)
        is_active = fields.pop("is_active", None)
        if fields:
            row = keeping.change(row, **fields, by=request.user, now=now)
        if is_active is not None:
            row = (keeping.resume if is_active else keeping.pause)(row, by=request.user, now=now)
        return Response(ReportScheduleSerializer(row).data)

    @documented(
        "Send a report now",
        permission=STAFF,
        description=_("Besides its due times, which stay."),
        request=None,
        response=ReportScheduleSerializer,
        errors=[Missing, Forbidden, JustSent, NobodyToSendTo],
        response_example=examples.SCHEDULE,
    )
    def send(self, request: Request, venue_id: UUID, pk: UUID) -> Response:
        row = self.row(pk)
        sending.send_now(row, by=request.user, now=timezone.now())
        return Response(ReportScheduleSerializer(self.row(pk)).data)
