"""The API face of what belongs to one venue and is seen by its staff only: their list, and the taxes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import cached_property
from rest_framework import mixins, status, viewsets
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.grants import Permission
from trufan.lib.errors import Forbidden, Missing
from trufan.lib.idempotency import idempotent
from trufan.lib.schema import documented
from venues import staffing, taxes
from venues.errors import AccountClosed, AlreadyOnStaff, BeyondOwnRights, LastManager, NotOnStaff, TaxNameTaken
from venues.examples import INVITATION, STAFF, TAX_RATE, TAX_REQUEST
from venues.filters import StaffFilter, TaxRateFilter
from venues.models import TaxRate, Venue, VenueStaff
from venues.permissions import venue_for
from venues.serializers import (
    InviteSerializer,
    StaffChangeSerializer,
    TaxRateSerializer,
    VenueStaffSerializer,
)


class TenantViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """Rows of the venue in the path, for who holds `needed` there."""

    permission_classes = [IsAuthenticated]
    needed: Permission

    @cached_property
    def venue(self) -> Venue:
        """The venue in the path; raises `Missing` or `Forbidden`."""
        return venue_for(self.request.user, self.kwargs["venue_id"], self.needed)

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        return super().get_queryset().filter(venue=self.venue)


class StaffViewSet(TenantViewSet):
    """Who works at a venue."""

    queryset = VenueStaff.objects.select_related("user", "venue")
    serializer_class = VenueStaffSerializer
    filterset_class = StaffFilter
    search_fields = ["user__email", "user__first_name", "user__last_name"]
    ordering_fields = ["created_at", "role"]
    needed = Permission.MANAGE_STAFF

    @documented(
        "List a venue's staff",
        permission="Staff with `manage_staff` there.",
        response=VenueStaffSerializer(many=True),
        errors=[Missing, Forbidden],
        response_example=STAFF,
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @documented(
        "Invite to a venue's staff",
        permission="Staff with `manage_staff` there; nobody grants more than they hold.",
        description="Mails the person. An address without an account gets one, and the mail a link to choose its "
        "password. Who was on the staff before comes back with the new role.",
        request=InviteSerializer,
        response=VenueStaffSerializer,
        status=status.HTTP_201_CREATED,
        errors=[Missing, Forbidden, BeyondOwnRights, AlreadyOnStaff, AccountClosed],
        request_example=INVITATION,
        response_example=STAFF,
        idempotent=True,
    )
    @idempotent
    def create(self, request: Request, venue_id: UUID) -> Response:
        venue = self.venue
        asked = InviteSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        place = staffing.invite(venue, **asked.validated_data, by=request.user, now=timezone.now())
        return Response(VenueStaffSerializer(place).data, status=status.HTTP_201_CREATED)

    @documented(
        "Change a member of staff",
        permission="Staff with `manage_staff` there; nobody decides over more than they hold.",
        request=StaffChangeSerializer,
        response=VenueStaffSerializer,
        errors=[Missing, Forbidden, BeyondOwnRights, LastManager, NotOnStaff],
        request_example={"role": "box_office", "extra_permissions": []},
        response_example={**STAFF, "role": "box_office"},
    )
    def partial_update(self, request: Request, venue_id: UUID, pk: UUID) -> Response:
        place = self.get_object()
        asked = StaffChangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        return Response(VenueStaffSerializer(staffing.change(place, request.user, **asked.validated_data)).data)

    @documented(
        "Let a member of staff go",
        permission="Staff with `manage_staff` there; nobody decides over more than they hold.",
        description="Takes all rights at the venue from the person. The row stays, inactive.",
        status=status.HTTP_204_NO_CONTENT,
        errors=[Missing, Forbidden, BeyondOwnRights, LastManager, NotOnStaff],
    )
    def destroy(self, request: Request, venue_id: UUID, pk: UUID) -> Response:
        staffing.deactivate(self.get_object(), request.user, timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class TaxRateViewSet(TenantViewSet):
    """What a venue charges in taxes."""

    queryset = TaxRate.objects.all()
    serializer_class = TaxRateSerializer
    filterset_class = TaxRateFilter
    search_fields = ["name"]
    ordering_fields = ["category", "name", "rate_ppm"]
    needed = Permission.MANAGE_VENUE

    @documented(
        "List a venue's tax rates",
        permission="Staff with `manage_venue` there.",
        response=TaxRateSerializer(many=True),
        errors=[Missing, Forbidden],
        response_example=TAX_RATE,
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @documented(
        "Add a tax rate",
        permission="Staff with `manage_venue` there.",
        description="Charged on orders placed from now on. Several rates on one category add up.",
        request=TaxRateSerializer,
        response=TaxRateSerializer,
        status=status.HTTP_201_CREATED,
        errors=[Missing, Forbidden, TaxNameTaken],
        request_example=TAX_REQUEST,
        response_example=TAX_RATE,
        idempotent=True,
    )
    @idempotent
    def create(self, request: Request, venue_id: UUID) -> Response:
        venue = self.venue
        asked = TaxRateSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        rate = taxes.add(venue, request.user, **asked.validated_data)
        return Response(TaxRateSerializer(rate).data, status=status.HTTP_201_CREATED)

    @documented(
        "Change a tax rate",
        permission="Staff with `manage_venue` there.",
        description="For orders placed from now on; `is_active` false ends it.",
        request=TaxRateSerializer(partial=True),
        response=TaxRateSerializer,
        errors=[Missing, Forbidden, TaxNameTaken],
        request_example={"rate_ppm": 90_000},
        response_example={**TAX_RATE, "rate_ppm": 90_000},
    )
    def partial_update(self, request: Request, venue_id: UUID, pk: UUID) -> Response:
        rate = self.get_object()
        asked = TaxRateSerializer(rate, data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        return Response(TaxRateSerializer(taxes.change(rate, request.user, **asked.validated_data)).data)
