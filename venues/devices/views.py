"""The API face of a venue's devices. Parse, call, serialize."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.grants import Permission
from trufan.lib.errors import Forbidden, Missing
from trufan.lib.idempotency import idempotent
from trufan.lib.schema import documented
from venues.devices import keys
from venues.devices.errors import DeviceRevoked
from venues.devices.examples import DEVICE, DEVICE_REQUEST, DEVICE_WITH_KEY
from venues.devices.models import VenueDevice
from venues.devices.schema import DeviceKeyScheme as DeviceKeyScheme  # registers itself
from venues.devices.serializers import (
    DeviceRequestSerializer,
    DeviceRotationSerializer,
    VenueDeviceSerializer,
    VenueDeviceWithKeySerializer,
    with_key,
)
from venues.errors import BeyondOwnRights
from venues.tenant_views import TenantViewSet

STAFF = "Staff with `manage_staff` there."
MAKERS = "Staff with `manage_staff` there, who hold what its scopes permit."


class VenueDeviceViewSet(TenantViewSet):
    """Scanners, gate cameras and kitchen screens with a key of their own."""

    queryset = VenueDevice.objects.select_related("created_by")
    serializer_class = VenueDeviceSerializer
    search_fields = ["name", "prefix"]
    ordering_fields = ["created_at", "name", "last_used_at"]
    needed = Permission.MANAGE_STAFF

    @documented(
        "List a venue's devices",
        permission=STAFF,
        description="Revoked ones too. Newest first.",
        response=VenueDeviceSerializer(many=True),
        errors=[Missing, Forbidden],
        response_example=DEVICE,
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @documented(
        "Add a device",
        permission=MAKERS,
        description="Its `key` is shown this once. It opens what its scopes say and nothing else: `scan` the door's "
        "scans, manifest and counts, `gate` entries and exits, `kitchen` an outlet's queue and its moves. See "
        "docs/security.md.",
        request=DeviceRequestSerializer,
        response=VenueDeviceWithKeySerializer,
        status=status.HTTP_201_CREATED,
        errors=[Missing, Forbidden, BeyondOwnRights],
        request_example=DEVICE_REQUEST,
        response_example=DEVICE_WITH_KEY,
        idempotent=True,
    )
    @idempotent
    def create(self, request: Request, venue_id: UUID) -> Response:
        venue = self.venue
        asked = DeviceRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        made, key = keys.create(venue, request.user, timezone.now(), **asked.validated_data)
        return Response(with_key(made, key), status=status.HTTP_201_CREATED)

    @documented(
        "Rotate a device's key",
        permission=MAKERS,
        description="The new `key` is shown this once. The old one ends at once, or after `keep_minutes`.",
        request=DeviceRotationSerializer,
        response=VenueDeviceWithKeySerializer,
        errors=[Missing, Forbidden, BeyondOwnRights, DeviceRevoked],
        request_example={"keep_minutes": 30},
        response_example=DEVICE_WITH_KEY,
        idempotent=True,
    )
    @idempotent
    def rotate(self, request: Request, venue_id: UUID, pk: UUID) -> Response:
        device = self.get_object()
        asked = DeviceRotationSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        changed, key = keys.rotate(device, request.user, timezone.now(), **asked.validated_data)
        return Response(with_key(changed, key))

    @documented(
        "Revoke a device",
        permission=STAFF,
        description="From now on its key opens nothing, the one before it neither. Cannot be taken back.",
        response=VenueDeviceSerializer,
        errors=[Missing, Forbidden, DeviceRevoked],
        response_example={**DEVICE, "state": "revoked", "revoked_at": "2026-11-21T09:30:00Z"},
        idempotent=True,
    )
    @idempotent
    def revoke(self, request: Request, venue_id: UUID, pk: UUID) -> Response:
        return Response(VenueDeviceSerializer(keys.revoke(self.get_object(), request.user, timezone.now())).data)
