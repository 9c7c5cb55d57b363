"""Which device asks? Its API key, and whether that opens this endpoint at all."""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts.models import User
from trufan.lib import correlation
from venues.devices import keys, opening
from venues.devices.errors import InvalidApiKey, NotForDevices
from venues.devices.models import VenueDevice

SCHEME = "Api-Key"


class DeviceKeyAuthentication(BaseAuthentication):
    """`Authorization: Api-Key <prefix>.<secret>`; `request.auth` is the `VenueDevice`, `request.user` its account.

    The account holds, in this request alone, the permissions of the device's scopes at its venue. Refused here and
    not by permission classes, so that an endpoint which forgets about devices is shut to them. Raises `InvalidApiKey`,
    `NotForDevices`, `TooMany`.
    """

    #: What the API's document says of every endpoint that a key may be sent to.
    refusals = (InvalidApiKey, NotForDevices)

    def authenticate(self, request: Request) -> tuple[User, VenueDevice] | None:
        scheme, _, raw = request.headers.get("Authorization", "").strip().partition(" ")
        if scheme.lower() != SCHEME.lower():
            return None
        # Not above: rest_framework.views loads this class while it is being loaded, and throttling needs it.
        from trufan.lib import throttling

        now = timezone.now()
        if "\x00" in raw:
            raise InvalidApiKey
        device = keys.read(raw.strip(), now)
        throttling.refuse_if_over(f"device:{device.pk}", settings.DEVICE_LIMIT_PER_MINUTE, settings.DEVICE_LIMIT_BURST)
        view = (request.parser_context or {}).get("view")
        if opening.scope_of(view, request.method or "") not in device.scopes:
            raise NotForDevices
        keys.note_use(device, now)
        account = device.account
        account.granted = {device.venue_id: keys.permissions_of(device)}
        account.device = device  # type: ignore[attr-defined]
        correlation.current().actor = account
        return account, device
