"""The API face of prices, codes and bundles: parse, call, serialize."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from rest_framework import mixins, status, viewsets
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.grants import Permission
from events.models import Event
from orders.errors import QuantityTooSmall
from ticketing.permissions import listed_event, listed_ticket_type, managed_ticket_type, staff_event
from ticketing.pricing import bundles, releases, unlock_codes
from ticketing.pricing.errors import BundleNameTaken, ReleaseInUse, ReleaseNameTaken, UnlockCodeTaken
from ticketing.pricing.examples import (
    BUNDLE,
    BUNDLE_REQUEST,
    RELEASE,
    RELEASE_FOR_STAFF,
    RELEASE_REQUEST,
    UNLOCK_CODE,
    UNLOCK_TERMS,
)
from ticketing.pricing.exporting import csv_answer
from ticketing.pricing.models import Bundle, TicketRelease, UnlockCode
from ticketing.pricing.permissions import (
    listed_bundle,
    managed_bundle,
    managed_code,
    managed_release,
    readable_bundles,
)
from ticketing.pricing.serializers import (
    BundleChangeSerializer,
    BundleSerializer,
    TicketReleaseChangeSerializer,
    TicketReleaseSerializer,
    UnlockBatchSerializer,
    UnlockCodeChangeSerializer,
    UnlockCodeSerializer,
)
from trufan.lib.errors import Forbidden, Missing
from trufan.lib.idempotency import idempotent
from trufan.lib.listing import FilterSet
from trufan.lib.schema import documented
from venues.query_filters import FlagFilter

STAFF = "Staff with `manage_events` at the event's venue."


def _asked(kind: type, request: Request, event: Event, **options: Any) -> Any:
    asked = kind(data=request.data, context={"event": event}, **options)
    asked.is_valid(raise_exception=True)
    return asked


class TicketReleaseViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """Prices of a ticket type that end by date or count."""

    queryset = TicketRelease.objects.none()
    serializer_class = TicketReleaseSerializer

    def get_permissions(self) -> list[Any]:
        return [AllowAny()] if self.action == "list" else [IsAuthenticated()]

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "now": timezone.now()}

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return TicketRelease.objects.none()
        kind = listed_ticket_type(self.request.user, self.kwargs["type_id"])
        rows = TicketRelease.objects.filter(ticket_type=kind).select_related("ticket_type__event")
        return rows.order_by("position", "created_at", "pk")

    @documented(
        "List a ticket type's releases",
        permission="Anyone who sees the ticket type; staff of the venue see the counters.",
        description="In the order in which they open: the first that `is_open` is current, and when none is the ticket "
        "type's `regular_price` is.",
        response=TicketReleaseSerializer(many=True),
        errors=[Missing],
        response_example=RELEASE,
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @documented(
        "Add a release to a ticket type",
        permission=STAFF,
        description="A price `until` a date, for a `quantity`, or both. The next by `position` opens by itself.",
        request=TicketReleaseChangeSerializer,
        response=TicketReleaseSerializer,
        status=status.HTTP_201_CREATED,
        errors=[Missing, Forbidden, ReleaseNameTaken],
        request_example=RELEASE_REQUEST,
        response_example=RELEASE_FOR_STAFF,
        idempotent=True,
    )
    @idempotent
    def create(self, request: Request, type_id: UUID) -> Response:
        kind = managed_ticket_type(request.user, type_id)
        asked = _asked(TicketReleaseChangeSerializer, request, kind.event)
        row = releases.create(kind, request.user, **asked.validated_data)
        return Response(self.get_serializer(row).data, status=status.HTTP_201_CREATED)

    @documented(
        "Change a release",
        permission=STAFF,
        description="For carts priced from now on.",
        request=TicketReleaseChangeSerializer(partial=True),
        response=TicketReleaseSerializer,
        errors=[Missing, Forbidden, ReleaseNameTaken, QuantityTooSmall],
        request_example={"quantity": 250},
        response_example=RELEASE_FOR_STAFF,
    )
    def partial_update(self, request: Request, pk: UUID) -> Response:
        row = managed_release(request.user, pk)
        asked = _asked(TicketReleaseChangeSerializer, request, row.ticket_type.event, partial=True)
        return Response(self.get_serializer(releases.change(row, request.user, **asked.validated_data)).data)

    @documented(
        "Delete a release",
        permission=STAFF,
        description="Only one at which nothing is held or sold; end it otherwise.",
        status=status.HTTP_204_NO_CONTENT,
        errors=[Missing, Forbidden, ReleaseInUse],
    )
    def destroy(self, request: Request, pk: UUID) -> Response:
        releases.delete(managed_release(request.user, pk), request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


class UnlockCodeFilter(FilterSet):
    batch = django_filters.CharFilter()
    is_active = FlagFilter()

    class Meta:
        model = UnlockCode
        fields: list[str] = []


class UnlockCodeViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """What opens an event's hidden ticket types."""

    queryset = UnlockCode.objects.none()
    serializer_class = UnlockCodeSerializer
    filterset_class = UnlockCodeFilter
    search_fields = ["code", "name", "batch"]
    ordering_fields = ["created_at", "code", "used"]

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """A file is asked for as text/csv, which no renderer of data speaks."""
        return super().perform_content_negotiation(request, force or self.action == "download")

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return UnlockCode.objects.none()
        event = staff_event(self.request.user, self.kwargs["event_id"], Permission.MANAGE_EVENTS)
        rows = UnlockCode.objects.filter(event=event).prefetch_related("ticket_types")
        return rows.order_by("-created_at", "code")

    @documented(
        "List an event's unlock codes",
        permission=STAFF,
        response=UnlockCodeSerializer(many=True),
        errors=[Missing, Forbidden],
        response_example=UNLOCK_CODE,
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @documented(
        "Add an unlock code",
        permission=STAFF,
        description="Whoever gives it in a cart's `unlock_codes` may buy the hidden `ticket_types` that it opens, up "
        "to `max_uses` tickets in all.",
        request=UnlockCodeChangeSerializer,
        response=UnlockCodeSerializer,
        status=status.HTTP_201_CREATED,
        errors=[Missing, Forbidden, UnlockCodeTaken],
        request_example={"code": "MEMBERS26", **UNLOCK_TERMS, "max_uses": 100},
        response_example={**UNLOCK_CODE, "used": 0},
        idempotent=True,
    )
    @idempotent
    def create(self, request: Request, event_id: UUID) -> Response:
        event = staff_event(request.user, event_id, Permission.MANAGE_EVENTS)
        asked = _asked(UnlockCodeChangeSerializer, request, event)
        row = unlock_codes.create(event, request.user, **asked.validated_data)
        return Response(UnlockCodeSerializer(row).data, status=status.HTTP_201_CREATED)

    @documented(
        "Make many unlock codes",
        permission=STAFF,
        description="Each is `prefix` and ten random characters, for one ticket unless `max_uses` says otherwise. The "
        "answer has all of them, the newest list's first page; `unlock-codes.csv?batch=` downloads them.",
        request=UnlockBatchSerializer,
        response=UnlockCodeSerializer(many=True),
        status=status.HTTP_201_CREATED,
        errors=[Missing, Forbidden, UnlockCodeTaken],
        request_example={**UNLOCK_TERMS, "batch": "Members 2026", "count": 200, "prefix": "M-"},
        response_example=[{**UNLOCK_CODE, "batch": "Members 2026", "max_uses": 1, "used": 0}],
        idempotent=True,
        operation_id="events_unlock_codes_generate",
    )
    @idempotent
    def generate(self, request: Request, event_id: UUID) -> Response:
        event = staff_event(request.user, event_id, Permission.MANAGE_EVENTS)
        asked = _asked(UnlockBatchSerializer, request, event)
        made = unlock_codes.generate(event, request.user, **asked.validated_data)
        return Response(UnlockCodeSerializer(made, many=True).data, status=status.HTTP_201_CREATED)

    @documented(
        "Download unlock codes",
        permission=STAFF,
        description="The same list as CSV, in full: `batch` and the other filters narrow it.",
        media_type="text/csv",
        errors=[Missing, Forbidden],
    )
    def download(self, request: Request, event_id: UUID) -> HttpResponse:
        return csv_answer(self.filter_queryset(self.get_queryset()))

    @documented(
        "Show an unlock code",
        permission=STAFF,
        response=UnlockCodeSerializer,
        errors=[Missing, Forbidden],
        response_example=UNLOCK_CODE,
    )
    def retrieve(self, request: Request, pk: UUID) -> Response:
        return Response(UnlockCodeSerializer(managed_code(request.user, pk)).data)

    @documented(
        "Change an unlock code",
        permission=STAFF,
        description="For carts priced from now on; `is_active` false ends it.",
        request=UnlockCodeChangeSerializer(partial=True),
        response=UnlockCodeSerializer,
        errors=[Missing, Forbidden, UnlockCodeTaken],
        request_example={"is_active": False},
        response_example={**UNLOCK_CODE, "is_active": False},
    )
    def partial_update(self, request: Request, pk: UUID) -> Response:
        row = managed_code(request.user, pk)
        asked = _asked(UnlockCodeChangeSerializer, request, row.event, partial=True)
        return Response(UnlockCodeSerializer(unlock_codes.change(row, request.user, **asked.validated_data)).data)


class BundleViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """Tickets of an event that are sold together."""

    queryset = Bundle.objects.none()
    serializer_class = BundleSerializer

    def get_permissions(self) -> list[Any]:
        return [AllowAny()] if self.action in {"list", "retrieve"} else [IsAuthenticated()]

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return Bundle.objects.none()
        event = listed_event(self.request.user, self.kwargs["event_id"])
        rows: QuerySet = readable_bundles(self.request.user).filter(event=event)
        return rows.order_by("position", "name", "pk")

    @documented(
        "List an event's bundles",
        permission="Anyone sees those on sale; staff of the venue see all.",
        description="A cart takes them in `bundles`: each becomes the tickets that it is made of.",
        response=BundleSerializer(many=True),
        errors=[Missing],
        response_example=BUNDLE,
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @documented(
        "Add a bundle",
        permission=STAFF,
        description="At a `price` of its own, or `ppm` millionths off what its tickets cost singly.",
        request=BundleChangeSerializer,
        response=BundleSerializer,
        status=status.HTTP_201_CREATED,
        errors=[Missing, Forbidden, BundleNameTaken],
        request_example=BUNDLE_REQUEST,
        response_example=BUNDLE,
        idempotent=True,
    )
    @idempotent
    def create(self, request: Request, event_id: UUID) -> Response:
        event = staff_event(request.user, event_id, Permission.MANAGE_EVENTS)
        row = bundles.create(event, request.user, **_asked(BundleChangeSerializer, request, event).parts())
        return Response(self._shown(row), status=status.HTTP_201_CREATED)

    @documented(
        "Show a bundle",
        permission="Anyone sees one on sale; staff of the venue see all.",
        response=BundleSerializer,
        errors=[Missing],
        response_example=BUNDLE,
    )
    def retrieve(self, request: Request, pk: UUID) -> Response:
        return Response(BundleSerializer(listed_bundle(request.user, pk)).data)

    @documented(
        "Change a bundle",
        permission=STAFF,
        description="For carts priced from now on. `lines` take the place of those it has; `is_active` false ends it.",
        request=BundleChangeSerializer(partial=True),
        response=BundleSerializer,
        errors=[Missing, Forbidden, BundleNameTaken],
        request_example={"price": 11000},
        response_example={**BUNDLE, "price": 11000},
    )
    def partial_update(self, request: Request, pk: UUID) -> Response:
        row = managed_bundle(request.user, pk)
        asked = _asked(BundleChangeSerializer, request, row.event, partial=True)
        return Response(self._shown(bundles.change(row, request.user, **asked.parts())))

    def _shown(self, row: Bundle) -> Any:
        return BundleSerializer(listed_bundle(self.request.user, row.pk)).data
