"""The API face of series: parse, call, serialize."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.grants import Permission
from events.models import Event
from events.series import changing, copying
from events.series.errors import NoDates
from events.series.examples import CHANGE_REQUEST, CHANGES_MADE, COPIED, COPIES_REQUEST, PUBLISHED, SERIES
from events.series.models import EventSeries
from events.series.serializers import (
    ChangeSeriesSerializer,
    ChangesMadeSerializer,
    CopiedSerializer,
    CopiesSerializer,
    EventSeriesSerializer,
    PublishedSerializer,
    RuleSerializer,
)
from trufan.lib.errors import Forbidden, Invalid, Missing
from trufan.lib.idempotency import idempotent
from trufan.lib.listing import FilterSet
from trufan.lib.schema import documented
from venues.permissions import require

READER = "Staff of the venue."
STAFF = "Staff with `manage_events` at the venue."


class CopyEventView(APIView):
    """An event on more dates."""

    @documented(
        "Copy an event over dates",
        permission=STAFF,
        description="As drafts, at the same time by the venue's clock: on these `dates`, or by a `rule` on days after "
        "the event's own. Description, configuration, ticket types, questions and entry slots come along; their times "
        "move with the event. All of them come about, or none. They and the event are one series from then on.",
        request=CopiesSerializer,
        response=CopiedSerializer,
        status=status.HTTP_201_CREATED,
        errors=[Missing, Forbidden, NoDates, Invalid],
        request_example=COPIES_REQUEST,
        response_example=COPIED,
        idempotent=True,
    )
    @idempotent
    def post(self, request: Request, event_id: UUID) -> Response:
        event = Event.objects.readable_by(request.user).filter(pk=event_id).first()
        if event is None:
            raise Missing(gettext("There is no such event."))
        require(request.user, Permission.MANAGE_EVENTS, event.venue_id)
        asked = CopiesSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given, name = asked.validated_data, asked.validated_data.get("name", "")
        if "rule" in given:
            rule = RuleSerializer().rule(given["rule"])
            series, copies = copying.copy_by_rule(event, rule, request.user, name)
        else:
            series, copies = copying.copy_to_dates(event, given["dates"], request.user, name)
        shown = CopiedSerializer({"series": _figures(series.pk), "events": copies})
        return Response(shown.data, status=status.HTTP_201_CREATED)


class EventSeriesFilter(FilterSet):
    venue = django_filters.UUIDFilter(field_name="venue_id")

    class Meta:
        model = EventSeries
        fields: list[str] = []


class EventSeriesViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """Events that were copied over dates."""

    http_method_names = ["get", "head", "post", "patch"]
    queryset = EventSeries.objects.none()
    serializer_class = EventSeriesSerializer
    permission_classes = [IsAuthenticated]
    filterset_class = EventSeriesFilter
    search_fields = ["name"]
    ordering_fields = ["created_at", "name"]
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return EventSeries.objects.none()
        return EventSeries.objects.visible_to(self.request.user).with_figures().order_by("-created_at", "id")

    def _managed(self, pk: UUID) -> EventSeries:
        row = self._found(pk)
        require(self.request.user, Permission.MANAGE_EVENTS, row.venue_id)
        return row

    def _found(self, pk: UUID) -> EventSeries:
        row = self.get_queryset().filter(pk=pk).first()
        if row is None:
            raise Missing(gettext("There is no such series."))
        return row

    def _asked(self, kind: Any) -> dict[str, Any]:
        asked = kind(data=self.request.data)
        asked.is_valid(raise_exception=True)
        return asked.validated_data

    @documented(
        "List series of events",
        permission="Staff see those of the venues where they work.",
        description="The events of one are `GET /events?series=`, drafts with `mine`.",
        response=EventSeriesSerializer(many=True),
        response_example=SERIES,
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @documented(
        "Show a series", permission=READER, response=EventSeriesSerializer, errors=[Missing], response_example=SERIES
    )
    def retrieve(self, request: Request, pk: UUID) -> Response:
        return Response(self.get_serializer(self._found(pk)).data)

    @documented(
        "Rename a series",
        permission=STAFF,
        description="Its events keep their names.",
        request=EventSeriesSerializer,
        response=EventSeriesSerializer,
        errors=[Missing, Forbidden],
        request_example={"name": "Summer nights"},
        response_example={**SERIES, "name": "Summer nights"},
    )
    def partial_update(self, request: Request, pk: UUID) -> Response:
        row = changing.rename(self._managed(pk), request.user, **self._asked(EventSeriesSerializer))
        return Response(self.get_serializer(_figures(row.pk)).data)

    @documented(
        "Publish the drafts of a series",
        permission=STAFF,
        description="Each as `POST /events/{id}/publish` would: those that cannot be sold yet stay drafts, and "
        "`refused` says why.",
        request=None,
        response=PublishedSerializer,
        errors=[Missing, Forbidden],
        response_example=PUBLISHED,
    )
    @action(detail=True, methods=["post"], filter_backends=[], pagination_class=None)
    def publish(self, request: Request, pk: UUID) -> Response:
        outcome = changing.publish_all(self._managed(pk), request.user, timezone.now())
        return Response(PublishedSerializer(outcome).data)

    @documented(
        "Change the rest of a series",
        permission=STAFF,
        description="One field of every event on or after `since` that is not over. A time is a time on the clock: "
        "each event keeps its day. Those whose rules refuse stay as they are, and `refused` says why. "
        "`POST /event-series/{id}/changes/preview` answers the same, and changes nothing.",
        request=ChangeSeriesSerializer,
        response=ChangesMadeSerializer,
        errors=[Missing, Forbidden],
        request_example=CHANGE_REQUEST,
        response_example=CHANGES_MADE,
    )
    @action(detail=True, methods=["post"], filter_backends=[], pagination_class=None)
    def changes(self, request: Request, pk: UUID) -> Response:
        series = self._managed(pk)
        outcome = changing.change_rest(series, request.user, **self._asked(ChangeSeriesSerializer))
        return Response(ChangesMadeSerializer(outcome).data)

    @documented(
        "Preview a change of a series",
        permission=STAFF,
        description="What the change would do to each event. Nothing changes, and nobody is told.",
        request=ChangeSeriesSerializer,
        response=ChangesMadeSerializer,
        errors=[Missing, Forbidden],
        request_example=CHANGE_REQUEST,
        response_example=CHANGES_MADE,
    )
    @action(detail=True, methods=["post"], url_path="changes/preview", filter_backends=[], pagination_class=None)
    def preview_changes(self, request: Request, pk: UUID) -> Response:
        series = self._managed(pk)
        outcome = changing.preview(series, request.user, **self._asked(ChangeSeriesSerializer))
        return Response(ChangesMadeSerializer(outcome).data)


def _figures(pk: UUID) -> EventSeries:
    return EventSeries.objects.with_figures().get(pk=pk)
