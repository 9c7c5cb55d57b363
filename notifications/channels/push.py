"""Push to a browser or an app; on a laptop without keys, a line in the log."""

from __future__ import annotations

import uuid

import structlog
from django.conf import settings
from django.utils import timezone

from notifications.errors import ChannelError
from notifications.models import Device, Notification
from notifications.push import devices, fcm, http, payload, web
from notifications.templating import Words

log = structlog.get_logger(__name__)
_NEEDS = {
    Device.Kind.WEB: "VAPID_PUBLIC_KEY, VAPID_PRIVATE_KEY and VAPID_SUBJECT",
    Device.Kind.FCM: "FCM_CREDENTIALS",
}


class Push:
    def send(self, row: Notification, words: Words) -> str:
        """The service's name of the message. `row.recipient` is the device's id; a device that is gone is retired."""
        device = _device(row)
        told, manner = payload.of(row, words), payload.manner(row.template)
        way = web if device.kind == Device.Kind.WEB else fcm
        if not way.is_set_up():
            return _printed(row, device, told)
        try:
            return way.send(row, device, told, manner)
        except http.Gone as gone:
            devices.retire_gone(device, str(gone), timezone.now())
            raise


def _device(row: Notification) -> Device:
    """Raises `ChannelError` where it is gone, or is another person's by now: a shared computer tells no tales."""
    try:
        device = Device.objects.filter(pk=uuid.UUID(row.recipient)).first()
    except ValueError:
        device = None
    if device is None:
        raise ChannelError("there is no such device", permanent=True)
    if device.retired_at is not None:
        raise ChannelError(f"this device is retired: {device.retired_because}", permanent=True)
    if device.user_id != row.user_id:
        raise ChannelError("this device is another person's by now", permanent=True)
    return device


def _printed(row: Notification, device: Device, told: dict[str, str]) -> str:
    if settings.IS_LIVE:
        needed = _NEEDS[Device.Kind(device.kind)]
        raise ChannelError(f"push by {device.kind} is not set up: set {needed}", permanent=False)
    log.info("push.printed", device=str(device), title=told["title"], text=told["body"], url=told["url"])
    return f"console-{row.pk}"
