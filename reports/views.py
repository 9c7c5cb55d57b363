"""The API face of reports: what there is, and what each says, as data or as a file."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiParameter
from rest_framework import viewsets
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.grants import Permission
from reports import asking, examples, files, registry
from reports.errors import NoSuchReport
from reports.periods import LONGEST, Comparison, Preset
from reports.serializers import ReportAnswerSerializer, ReportSerializer, as_data, reports_for
from trufan.lib.errors import Detail, Forbidden, Invalid, Missing
from trufan.lib.schema import documented
from trufan.lib.words import lazy as _
from venues.models import Venue
from venues.permissions import require, venue_for

STAFF = "Staff with `view_reports` there."
FORMATS = ["json", *files.FORMATS]
_PARAMETERS = ("since", "until", "period", "group_by", "compare", "format")
PARAMETERS = [
    OpenApiParameter("since", date, description=_("The first day, by the venue's clock.")),
    OpenApiParameter(
        "until",
        date,
        description=gettext("The last day, included. At most {LONGEST} days at once.").format(LONGEST=LONGEST),
    ),
    OpenApiParameter("period", enum=Preset.values, description=_("Days by name instead; unasked, the last 30 days.")),
    OpenApiParameter("group_by", description=_("What rows are made by: a key of the report's `dimensions`.")),
    OpenApiParameter("compare", enum=Comparison.values, description=_("Which other days to show beside these.")),
    OpenApiParameter("format", enum=FORMATS, description=_("`csv` and `xlsx` answer a file; unasked, `json`.")),
    OpenApiParameter("kind", description=_("A filter of reports about sales; others have theirs, see `filters`.")),
]


class ReportViewSet(viewsets.GenericViewSet):
    """Reports of the venue in the path."""

    permission_classes = [IsAuthenticated]
    filter_backends: list[Any] = []
    queryset = Venue.objects.none()
    serializer_class = ReportSerializer

    def venue(self) -> Venue:
        """The venue in the path. Raises `Missing` or `Forbidden`."""
        return venue_for(self.request.user, self.kwargs["venue_id"], Permission.VIEW_REPORTS)

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """`format` is ours: refusals are JSON whatever was asked for."""
        return super().perform_content_negotiation(request, force=True)

    @documented(
        "List a venue's reports",
        permission=STAFF,
        description=_("Each with the question it answers, and what can be asked of it."),
        response=ReportSerializer(many=True),
        errors=[Missing, Forbidden],
        response_example=examples.REPORT,
    )
    def list(self, request: Request, venue_id: UUID) -> Response:
        found: Any = reports_for(request.user, self.venue(), registry.all_reports())
        return self.get_paginated_response(ReportSerializer(self.paginate_queryset(found), many=True).data)

    @documented(
        "Read a report",
        permission=STAFF,
        description=_(
            "Rows by one dimension, and their totals, from the rollups that are kept up to date: "
            "a year takes no longer than a day. With `format` `csv` or `xlsx` the same comes as "
            "a file, amounts in decimals."
        ),
        response=ReportAnswerSerializer,
        errors=[Missing, Forbidden, NoSuchReport, Invalid],
        response_example=examples.ANSWER,
        parameters=PARAMETERS,
    )
    def retrieve(self, request: Request, venue_id: UUID, key: str) -> Any:
        venue, report = self.venue(), registry.find(key)
        require(request.user, report.permission, venue)
        given = request.query_params
        kind = given.get("format") or "json"
        if kind not in FORMATS:
            raise Invalid.field("format", f"Choose one of {', '.join(FORMATS)}.", "invalid_choice")
        known = {*_PARAMETERS, *(each.key for each in report.filters)}
        if unknown := [
            Detail(name, "unknown_filter", gettext("This report has no such filter."))
            for name in given
            if name not in known
        ]:
            raise Invalid(details=unknown)
        asked = asking.read(report, venue, given, timezone.now().astimezone(venue.zone).date())
        answer = asking.answer(asked)
        if kind != "json":
            return files.response(answer, kind)
        return Response(ReportAnswerSerializer(as_data(answer)).data)
