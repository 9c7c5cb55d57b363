"""The API face of check-in lists: parse, call, serialize."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import mixins, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.grants import Permission
from events.models import Event
from ticketing.door import lists
from ticketing.door.errors import ListInUse, ListNameTaken
from ticketing.door.examples import CHECKIN_LIST, CHECKIN_LIST_REQUEST
from ticketing.door.serializers import CheckInListChangeSerializer, CheckInListSerializer
from ticketing.models import CheckInList
from ticketing.permissions import staff_event
from trufan.lib.errors import Forbidden, Missing
from trufan.lib.idempotency import idempotent
from trufan.lib.schema import documented

READERS = "Staff with `check_in` or `manage_events` at the event's venue."
STAFF = "Staff with `manage_events` at the event's venue."


class CheckInListViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """What scanners of an event may work by."""

    queryset = CheckInList.objects.none()
    serializer_class = CheckInListSerializer
    search_fields = ["name"]
    ordering_fields = ["name", "created_at"]

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return CheckInList.objects.none()
        event = staff_event(self.request.user, self.kwargs["event_id"], Permission.CHECK_IN, Permission.MANAGE_EVENTS)
        return CheckInList.objects.with_types().filter(event=event).order_by("name", "pk")

    def _asked(self, event: Event, partial: bool = False) -> dict[str, Any]:
        asked = CheckInListChangeSerializer(data=self.request.data, partial=partial, context={"event": event})
        asked.is_valid(raise_exception=True)
        return dict(asked.validated_data)

    @documented(
        "List an event's check-in lists",
        permission=READERS,
        response=CheckInListSerializer(many=True),
        errors=[Missing, Forbidden],
        response_example=CHECKIN_LIST,
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @documented(
        "Draw up a check-in list",
        permission=STAFF,
        description="A scanner that names it (`list`) refuses tickets that are not on it: `not_on_list`.",
        request=CheckInListChangeSerializer,
        response=CheckInListSerializer,
        status=status.HTTP_201_CREATED,
        errors=[Missing, Forbidden, ListNameTaken],
        request_example=CHECKIN_LIST_REQUEST,
        response_example=CHECKIN_LIST,
        idempotent=True,
    )
    @idempotent
    def create(self, request: Request, event_id: UUID) -> Response:
        event = staff_event(request.user, event_id, Permission.MANAGE_EVENTS)
        row = lists.create(event, request.user, **self._asked(event))
        return Response(CheckInListSerializer(row).data, status=status.HTTP_201_CREATED)

    @documented(
        "Show a check-in list",
        permission=READERS,
        response=CheckInListSerializer,
        errors=[Missing],
        response_example=CHECKIN_LIST,
    )
    def retrieve(self, request: Request, pk: UUID) -> Response:
        return Response(CheckInListSerializer(lists.readable_list(request.user, pk)).data)

    @documented(
        "Change a check-in list",
        permission=STAFF,
        description="Scanners notice with their next scan.",
        request=CheckInListChangeSerializer(partial=True),
        response=CheckInListSerializer,
        errors=[Missing, Forbidden, ListNameTaken],
        request_example={"is_active": False},
        response_example={**CHECKIN_LIST, "is_active": False},
    )
    def partial_update(self, request: Request, pk: UUID) -> Response:
        row = lists.managed_list(request.user, pk)
        row = lists.change(row, request.user, **self._asked(row.event, partial=True))
        return Response(CheckInListSerializer(row).data)

    @documented(
        "Delete a check-in list",
        permission=STAFF,
        description="Only one by which nobody ever scanned; close it otherwise.",
        status=status.HTTP_204_NO_CONTENT,
        errors=[Missing, Forbidden, ListInUse],
    )
    def destroy(self, request: Request, pk: UUID) -> Response:
        lists.delete(lists.managed_list(request.user, pk), request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)
