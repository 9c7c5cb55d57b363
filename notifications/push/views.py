"""`/devices`: where a person wants to be pushed to. Parse, call, serialize."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import mixins, status, viewsets
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from notifications.models import Device
from notifications.push import devices
from notifications.push.errors import NoWebPush
from notifications.push.serializers import DeviceSerializer, PushKeySerializer, RegisterDeviceSerializer
from trufan.lib.errors import Missing
from trufan.lib.schema import documented

_KEY = "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM"
_DEVICE = {
    "id": "019c1f3e-8b10-7f02-8a44-0d1c2b3a4958",
    "kind": "web",
    "name": "Firefox on Linux",
    "created_at": "2026-11-21T09:30:00Z",
    "last_seen_at": "2026-11-21T09:30:00Z",
}
_REGISTER = {
    "kind": "web",
    "subscription": {
        "endpoint": "https://updates.push.services.mozilla.com/wpush/v2/gAAAAABn",
        "keys": {"p256dh": _KEY, "auth": "tBHItJI5svbpez7KI4CCXg"},
    },
    "name": "Firefox on Linux",
}


class DeviceViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    serializer_class = DeviceSerializer

    def get_queryset(self) -> QuerySet[Device]:
        if getattr(self, "swagger_fake_view", False):
            return Device.objects.none()
        return devices.live(self.request.user)

    @documented(
        "List my devices",
        permission="Anyone signed in.",
        description="Browsers and apps that I am pushed to, the last seen first.",
        response=DeviceSerializer(many=True),
        response_example=_DEVICE,
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @documented(
        "Register a device",
        permission="Anyone signed in.",
        description="`web` with the `subscription` that the browser gave, or `fcm` with the app's `token`. Register at "
        "every start: a device that is known is refreshed (200), and becomes the caller's if another account had it. "
        f"Of more than {devices.MOST} devices the one that was seen longest ago is pushed to no more.",
        request=RegisterDeviceSerializer,
        response=DeviceSerializer,
        status=201,
        also=200,
        request_example=_REGISTER,
        response_example=_DEVICE,
    )
    def create(self, request: Request) -> Response:
        asked = RegisterDeviceSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        device, is_new = devices.register(request.user, now=timezone.now(), **asked.validated_data)
        answer = status.HTTP_201_CREATED if is_new else status.HTTP_200_OK
        return Response(DeviceSerializer(device).data, status=answer)

    @documented("Remove one of my devices", permission="Its owner.", status=204, errors=[Missing])
    def destroy(self, request: Request, pk: UUID) -> Response:
        devices.remove(self.get_object(), timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class PushKeyView(APIView):
    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    @documented(
        "Get the key for web push",
        permission="Anyone.",
        description="What a browser needs as `applicationServerKey` to subscribe.",
        response=PushKeySerializer,
        response_example={"public_key": _KEY},
        errors=[NoWebPush],
        operation_id="push_key",
    )
    def get(self, request: Request) -> Response:
        if not settings.VAPID_PUBLIC_KEY:
            raise NoWebPush
        return Response({"public_key": settings.VAPID_PUBLIC_KEY})
