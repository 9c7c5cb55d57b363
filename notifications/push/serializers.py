"""What a device tells about itself, checked, and what is told of it."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from django.utils.translation import gettext
from rest_framework import serializers

from notifications.push import services
from notifications.push.models import Device
from trufan.lib.serializing import ModelSerializer

_MOST_OF_TOKEN = 4096
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+={0,2}")
_AUTH_BYTES = 16


def _bytes(given: str) -> bytes:
    """Of base64url, with or without padding; raises `ValueError`."""
    if not _BASE64URL.fullmatch(given):
        raise binascii.Error("not base64url")
    bare = given.rstrip("=")
    return base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4))


class KeysSerializer(serializers.Serializer):
    """A browser's own keys, from `PushSubscription.toJSON()`."""

    p256dh = serializers.CharField(max_length=100, help_text="Its public key: a point of P-256, base64url.")
    auth = serializers.CharField(max_length=40, help_text="Its secret of 16 bytes, base64url.")

    def validate_p256dh(self, given: str) -> str:
        try:
            ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _bytes(given))
        except ValueError as wrong:
            raise serializers.ValidationError(gettext("This is no public key of a browser."), "invalid_key") from wrong
        return given.rstrip("=")

    def validate_auth(self, given: str) -> str:
        try:
            is_secret = len(_bytes(given)) == _AUTH_BYTES
        except ValueError:
            is_secret = False
        if not is_secret:
            raise serializers.ValidationError(gettext("This is no secret of 16 bytes."), "invalid_key")
        return given.rstrip("=")


class SubscriptionSerializer(serializers.Serializer):
    """What `pushManager.subscribe()` gave; what else stands in it is left aside."""

    endpoint = serializers.CharField(max_length=services.MOST_CHARACTERS)
    keys = KeysSerializer()

    def validate_endpoint(self, given: str) -> str:
        if not services.is_allowed(given):
            raise serializers.ValidationError(gettext("This is no address of a push service."), "unknown_push_service")
        return given


class RegisterDeviceSerializer(serializers.Serializer):
    """`web` with its `subscription`, or `fcm` with its `token`."""

    kind = serializers.ChoiceField(choices=Device.Kind.choices)
    subscription = SubscriptionSerializer(required=False)
    token = serializers.RegexField(
        r"^[\x21-\x7e]+\Z", max_length=_MOST_OF_TOKEN, required=False, help_text="fcm: the registration token."
    )
    name = serializers.CharField(
        max_length=80, required=False, allow_blank=True, default="", help_text="As its owner knows it."
    )

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """As `devices.register` wants it."""
        needed = "subscription" if given["kind"] == Device.Kind.WEB else "token"
        if needed not in given:
            raise serializers.ValidationError({needed: serializers.ErrorDetail(gettext("This is needed."), "required")})
        device = {"kind": given["kind"], "name": given["name"]}
        if needed == "token":
            return {**device, "token": given["token"], "keys": {}}
        return {**device, "token": given["subscription"]["endpoint"], "keys": given["subscription"]["keys"]}


class DeviceSerializer(ModelSerializer):
    """A device that is pushed to. Its token is told to nobody."""

    class Meta:
        model = Device
        fields = ["id", "kind", "name", "created_at", "last_seen_at"]
        read_only_fields = fields


class PushKeySerializer(serializers.Serializer):
    """`applicationServerKey` for `pushManager.subscribe()`."""

    public_key = serializers.CharField()
