"""What a holder's device is given."""

from __future__ import annotations

from rest_framework import serializers


class RotatingCodeSerializer(serializers.Serializer):
    """All that a device needs to show a ticket's codes by itself."""

    secret = serializers.CharField(help_text="32 bytes in base 32, upper case, no padding. Keep it like a password.")
    algorithm = serializers.CharField(help_text="Of the TOTP (RFC 6238): always `SHA256`.")
    digits = serializers.IntegerField()
    period = serializers.IntegerField(help_text="Seconds that a number stands.")
    static = serializers.CharField(help_text="The QR code says this and, directly behind it, the number.")
    door_key_version = serializers.IntegerField(help_text="When the event's goes up, ask again.")
    code_version = serializers.IntegerField(help_text="The ticket's; it goes up when the ticket changes hands.")
    server_time = serializers.DateTimeField(help_text="Correct the device's clock by it, to a few seconds.")
