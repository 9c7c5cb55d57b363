"""The API face of outlets and their menus: parse, call, serialize. What they sell is set up in `staff_views.py`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiParameter
from rest_framework import mixins, status, viewsets
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.grants import Permission
from orders.errors import NameInUse
from orders.menu import outlets, writing
from orders.menu.examples import (
    DAYPART,
    DAYPART_REQUEST,
    MENU,
    OUTLET,
    OUTLET_PUBLIC,
    OUTLET_REQUEST,
)
from orders.menu.models import Daypart, Outlet
from orders.menu.permissions import RUN, listed_outlet, managed_daypart, staff_row
from orders.menu.serializers import DaypartSerializer, MenuSerializer, OutletSerializer, menu_context
from orders.menu.staff_serializers import DaypartChangeSerializer, OutletChangeSerializer, StatusSerializer
from trufan.lib.errors import Forbidden, Invalid, Missing
from trufan.lib.idempotency import idempotent
from trufan.lib.kept_reads import told_to_all
from trufan.lib.schema import documented
from venues.models import Venue
from venues.permissions import holds, venue_for

STAFF = "Staff with `manage_menu` there."
ON_THE_NIGHT = "Staff with `manage_menu` or `run_kitchen` there."
SEEN = "Anyone; an outlet that is not in use only staff of its venue."


def listed_venue(user: Any, venue_id: UUID) -> Venue:
    """The venue, for whoever may know of it. Raises `Missing`."""
    venue = Venue.objects.readable_by(user).filter(pk=venue_id).first()
    if venue is None:
        raise Missing(gettext("There is no such venue."))
    return venue


def _event(request: Request) -> UUID | None:
    given = request.query_params.get("event")
    try:
        return UUID(given) if given else None
    except ValueError:
        raise Invalid.field("event", "This is not an id.") from None


class OutletViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """The stands, bars and shops of a venue."""

    queryset = Outlet.objects.none()
    serializer_class = OutletSerializer
    search_fields = ["name", "location"]
    ordering_fields = ["position", "name"]

    def get_permissions(self) -> list[Any]:
        return [AllowAny()] if self.action in {"list", "retrieve", "menu"} else [IsAuthenticated()]

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), **menu_context(self.request, timezone.now())}

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return Outlet.objects.none()
        venue = listed_venue(self.request.user, self.kwargs["venue_id"])
        rows = Outlet.objects.readable_by(self.request.user).filter(venue=venue)
        return rows.with_hours(timezone.now()).order_by("position", "name", "pk")

    def _shown(self, outlet: Outlet) -> dict[str, Any]:
        fresh = listed_outlet(self.request.user, outlet.pk, timezone.now())
        return self.get_serializer(fresh).data

    @documented(
        "List a venue's outlets",
        permission=SEEN,
        description="`status` is what their staff say; `is_open` also asks their hours, by the venue's clock or by the "
        "events that run now.",
        response=OutletSerializer(many=True),
        errors=[Missing],
        response_example=OUTLET_PUBLIC,
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @documented(
        "Open an outlet",
        permission=STAFF,
        request=OutletChangeSerializer,
        response=OutletSerializer,
        status=status.HTTP_201_CREATED,
        errors=[Missing, Forbidden, NameInUse],
        request_example=OUTLET_REQUEST,
        response_example=OUTLET,
        idempotent=True,
    )
    @idempotent
    def create(self, request: Request, venue_id: UUID) -> Response:
        venue = venue_for(request.user, venue_id, Permission.MANAGE_MENU)
        asked = OutletChangeSerializer(data=request.data, context={"venue": venue})
        asked.is_valid(raise_exception=True)
        outlet = outlets.create(venue, request.user, **asked.validated_data)
        return Response(self._shown(outlet), status=status.HTTP_201_CREATED)

    @documented("Show an outlet", permission=SEEN, response=OutletSerializer, errors=[Missing], response_example=OUTLET)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        return Response(self.get_serializer(listed_outlet(request.user, pk, timezone.now())).data)

    @documented(
        "Change an outlet",
        permission=STAFF,
        description="Changes what is sent; `opening_hours` replace all there were.",
        request=OutletChangeSerializer(partial=True),
        response=OutletSerializer,
        errors=[Missing, Forbidden, NameInUse],
        request_example={"prep_seconds": 480},
        response_example=OUTLET,
    )
    def partial_update(self, request: Request, pk: UUID) -> Response:
        outlet = staff_row(Outlet, request.user, pk)
        asked = OutletChangeSerializer(outlet, data=request.data, partial=True, context={"venue": outlet.venue})
        asked.is_valid(raise_exception=True)
        return Response(self._shown(outlets.change(outlet, request.user, **asked.validated_data)))

    @documented(
        "Say that an outlet is open, busy or closed",
        permission=ON_THE_NIGHT,
        description="At once, whatever its hours say: a closed outlet takes no orders, a busy one takes longer.",
        request=StatusSerializer,
        response=OutletSerializer,
        errors=[Missing, Forbidden],
        request_example={"status": "busy"},
        response_example={**OUTLET, "status": "busy", "wait_seconds": 1200},
    )
    def set_status(self, request: Request, pk: UUID) -> Response:
        outlet = staff_row(Outlet, request.user, pk, RUN)
        asked = StatusSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        return Response(self._shown(outlets.set_status(outlet, request.user, asked.validated_data["status"])))

    @documented(
        "Show an outlet's menu",
        permission=SEEN,
        description="All of it in one answer: headings, products, variants, options, and what can be ordered now. "
        "Products that are sold for certain events are available to who names one. The answer has an `ETag`.",
        response=MenuSerializer,
        errors=[Missing, Invalid],
        response_example=MENU,
        parameters=[OpenApiParameter("event", UUID, description="The event that the reader comes for.")],
    )
    def menu(self, request: Request, pk: UUID) -> Any:
        now = timezone.now()
        outlet = listed_outlet(request.user, pk, now)
        event_id = _event(request)
        return told_to_all(
            request,
            "menu",
            outlet.pk,
            event_id,
            holds(request.user, Permission.VIEW_VENUE, outlet.venue_id),  # staff are told more of the outlet
            make=lambda: MenuSerializer(outlet, context=menu_context(request, now, event_id)).data,
            headers={"Cache-Control": "private, max-age=10"},
        )


class DaypartViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """The parts of a venue's day."""

    queryset = Daypart.objects.none()
    permission_classes = [IsAuthenticated]
    serializer_class = DaypartSerializer

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return Daypart.objects.none()
        venue = venue_for(self.request.user, self.kwargs["venue_id"], Permission.MANAGE_MENU)
        return Daypart.objects.filter(venue=venue)

    @documented(
        "List the parts of a venue's day",
        permission=STAFF,
        response=DaypartSerializer(many=True),
        errors=[Missing, Forbidden],
        response_example=DAYPART,
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @documented(
        "Add a part of the day",
        permission=STAFF,
        description="Such as breakfast; products can be sold in some parts of the day only.",
        request=DaypartChangeSerializer,
        response=DaypartSerializer,
        status=status.HTTP_201_CREATED,
        errors=[Missing, Forbidden, NameInUse],
        request_example=DAYPART_REQUEST,
        response_example=DAYPART,
        idempotent=True,
    )
    @idempotent
    def create(self, request: Request, venue_id: UUID) -> Response:
        venue = venue_for(request.user, venue_id, Permission.MANAGE_MENU)
        asked = DaypartChangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        row = outlets.add_daypart(venue, request.user, **asked.validated_data)
        return Response(DaypartSerializer(row).data, status=status.HTTP_201_CREATED)

    @documented(
        "Change a part of the day",
        permission=STAFF,
        request=DaypartChangeSerializer(partial=True),
        response=DaypartSerializer,
        errors=[Missing, Forbidden, NameInUse],
        request_example={"ends_at": "03:00"},
        response_example={**DAYPART, "ends_at": "03:00"},
    )
    def partial_update(self, request: Request, pk: UUID) -> Response:
        row = managed_daypart(request.user, pk)
        asked = DaypartChangeSerializer(row, data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        return Response(DaypartSerializer(outlets.change_daypart(row, request.user, **asked.validated_data)).data)

    @documented(
        "Delete a part of the day",
        permission=STAFF,
        description="What was sold in it only is sold all day from then on.",
        status=status.HTTP_204_NO_CONTENT,
        errors=[Missing, Forbidden],
    )
    def destroy(self, request: Request, pk: UUID) -> Response:
        writing.remove(managed_daypart(request.user, pk), request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)
