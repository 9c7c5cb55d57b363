"""Devices under `/api/v1/`."""

from django.urls import path

from notifications.push.views import DeviceViewSet, PushKeyView

urlpatterns = [
    path("devices", DeviceViewSet.as_view({"get": "list", "post": "create"}), name="devices"),
    path("devices/<uuid:pk>", DeviceViewSet.as_view({"delete": "destroy"}), name="device"),
    path("push/key", PushKeyView.as_view(), name="push-key"),
]
