"""How a venue's devices look to its staff."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers

from trufan.lib.names import PersonNameField
from trufan.lib.serializing import ModelSerializer
from venues.devices import keys
from venues.devices.models import VenueDevice


class VenueDeviceSerializer(ModelSerializer):
    """A device. Its key is never shown here."""

    scopes = serializers.ListField(child=serializers.ChoiceField(choices=VenueDevice.Scope.choices))
    state = serializers.SerializerMethodField()
    created_by = serializers.CharField(help_text="Who made it.")
    account = serializers.UUIDField(source="account_id", help_text="The actor of what it does, in the audit trail.")

    class Meta:
        model = VenueDevice
        fields = [
            "id", "name", "scopes", "place_id", "prefix", "state", "account", "created_by", "created_at",
            "last_used_at", "expires_at", "revoked_at", "former_until",
        ]  # fmt: skip
        read_only_fields = fields

    def get_state(self, row: VenueDevice) -> str:
        return str(row.state(timezone.now()))


class VenueDeviceWithKeySerializer(VenueDeviceSerializer):
    """The same with its key: keep it, it is not shown again."""

    key = serializers.CharField(help_text="Send it as `Authorization: Api-Key <key>`.")

    class Meta(VenueDeviceSerializer.Meta):
        fields = [*VenueDeviceSerializer.Meta.fields, "key"]
        read_only_fields = fields


class DeviceRequestSerializer(serializers.Serializer):
    """What is sent to make a device."""

    name = PersonNameField(max_length=80)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=VenueDevice.Scope.choices), min_length=1, max_length=3
    )
    place_id = serializers.UUIDField(
        required=False,
        allow_null=True,
        default=None,
        help_text="The one event (`scan`), lot (`gate`) or outlet (`kitchen`) it is for; then with that scope alone.",
    )
    expires_at = serializers.DateTimeField(required=False, allow_null=True, default=None)


class DeviceRotationSerializer(serializers.Serializer):
    """What is sent to rotate a key."""

    keep_minutes = serializers.IntegerField(
        required=False,
        default=0,
        min_value=0,
        max_value=keys.LONGEST_OVERLAP,
        help_text="For how long the old key stays good beside the new one.",
    )


def with_key(device: VenueDevice, key: str) -> dict[str, Any]:
    return {**VenueDeviceSerializer(device).data, "key": key}
