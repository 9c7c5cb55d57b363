"""What a mail provider is answered."""

from __future__ import annotations

from rest_framework import serializers


class HeardSerializer(serializers.Serializer):
    """How many reports were read."""

    received = serializers.IntegerField()
