"""Saved vehicles as the API reads and shows them."""

from __future__ import annotations

from rest_framework import serializers

from parking.vehicles import plates
from parking.vehicles.models import Vehicle
from trufan.lib.serializing import ModelSerializer

LOWEST_CM, HIGHEST_CM = 50, 2_000


class VehicleSerializer(ModelSerializer):
    """A vehicle of mine."""

    plate = serializers.CharField(max_length=plates.MAX_LENGTH, help_text="As it is written, such as ABC 1234.")
    height_cm = serializers.IntegerField(
        min_value=LOWEST_CM, max_value=HIGHEST_CM, required=False, allow_null=True, help_text="Centimetres."
    )
    is_default = serializers.BooleanField(
        required=False, help_text="The one that is meant when nothing is said. The first one is, unless told otherwise."
    )

    class Meta:
        model = Vehicle
        fields = ["id", "plate", "name", "height_cm", "is_electric", "is_default", "created_at"]
