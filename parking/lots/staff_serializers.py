"""What staff say about lots and their parts, and what only they are shown."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext
from rest_framework import serializers

from parking.lots import numbered
from parking.lots.capacities import MOST as MOST_SPACES
from parking.lots.models import ParkingCapacity, ParkingLot, ParkingSpace, SpaceKind
from parking.lots.serializers import LotHoursSerializer
from parking.lots.setting_up import FIELDS, LEAST_OVERSTAY, MOST_OVERSTAY
from parking.pricing.models import PriceChange
from parking.spaces.models import SpaceUse
from payments.models import ConnectedAccount
from trufan.lib.money import MAX_AMOUNT
from trufan.lib.serializing import ModelSerializer
from trufan.lib.time_filter import YEARS
from venues.fields import ConfigurationField, DegreesField
from venues.serializers import CountryField

DAY = 24 * 60


def _minutes(most: int, least: int = 0, **kwargs: Any) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=least, max_value=most, required=False, **kwargs)


def _amount(**kwargs: Any) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=0, max_value=MAX_AMOUNT, required=False, **kwargs)


class LotChangeSerializer(ModelSerializer):
    """What may be said about a lot; needs the `venue` in its context."""

    slug = serializers.SlugField(max_length=80, required=False, help_text="Made of the name where it is left out.")
    description = serializers.CharField(max_length=5_000, required=False, allow_blank=True)
    country = CountryField(required=False, allow_blank=True, min_length=0)
    latitude = DegreesField(min_value=-90, max_value=90, help_text="WGS 84 degrees.")
    longitude = DegreesField(min_value=-180, max_value=180, help_text="WGS 84 degrees.")
    height_limit_cm = serializers.IntegerField(min_value=100, max_value=2_000, required=False, allow_null=True)
    amenities = serializers.ListField(
        child=serializers.ChoiceField(ParkingLot.Amenity.choices), required=False, max_length=len(ParkingLot.Amenity)
    )
    opening_hours = LotHoursSerializer(many=True, required=False, max_length=50)  # type: ignore[call-arg]
    tariff = ConfigurationField(required=False, help_text="See `GET /parking/rates/schema`; {}: none yet.")
    pricing = ConfigurationField(
        required=False, help_text="See `GET /parking/pricing/schema`; {}: prices do not follow demand."
    )
    quote_minutes = _minutes(DAY, 1, help_text="How long a quoted price holds.")
    early_entry_minutes = _minutes(DAY)
    no_show_minutes = _minutes(30 * DAY // 2, allow_null=True)
    cancel_free_minutes = _minutes(366 * DAY)
    cancel_fee = _amount()
    assumed_stay_minutes = _minutes(7 * DAY, 15)
    exit_grace_minutes = _minutes(DAY)
    overstay_percent = serializers.IntegerField(
        min_value=LEAST_OVERSTAY, max_value=MOST_OVERSTAY, required=False, allow_null=True,
        help_text="What staying longer than paid for costs, in percent of the tariff.",
    )  # fmt: skip
    overstay_grace_minutes = _minutes(DAY)
    lost_ticket_price = _amount(allow_null=True)
    valet_minutes = _minutes(DAY, 1, help_text="To bring a car, until enough were brought to tell.")
    plate_days = serializers.IntegerField(min_value=1, max_value=3_650, required=False)

    class Meta:
        model = ParkingLot
        fields = [*FIELDS, "opening_hours"]
        validators: list[Any] = []

    def get_fields(self) -> dict[str, serializers.Field]:
        fields = super().get_fields()
        venue = self.context.get("venue")
        mine = ConnectedAccount.objects.filter(venue_id=venue.pk) if venue else ConnectedAccount.objects.none()
        fields["connected_account"].queryset = mine
        return fields


class VenueOfLotSerializer(serializers.Serializer):
    """Through which venue a new lot is sold; read first, for it decides who may add one at all."""

    venue = serializers.UUIDField()


class LotAddSerializer(LotChangeSerializer):
    venue = serializers.UUIDField()

    class Meta(LotChangeSerializer.Meta):
        fields = ["venue", *LotChangeSerializer.Meta.fields]

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        # It was read by `VenueOfLotSerializer`, and stands here for the documentation.
        given.pop("venue", None)
        return given


class CapacityChangeSerializer(serializers.Serializer):
    """How many spaces of a kind there are, and what they cost if not what the others do."""

    spaces = serializers.IntegerField(min_value=0, max_value=MOST_SPACES)
    tariff = ConfigurationField(required=False, help_text="Of their own; {}: the lot's; left out: as it was.")


class CapacitySerializer(ModelSerializer):
    """A kind of space as its staff see it."""

    class Meta:
        model = ParkingCapacity
        fields = ["id", "kind", "spaces", "tariff", "multiplier_ppm", "reviewed_at"]
        read_only_fields = fields


class ParkingSpaceSerializer(ModelSerializer):
    """A numbered space."""

    is_taken = serializers.BooleanField(read_only=True, help_text="Whether a car stands on it.")

    class Meta:
        model = ParkingSpace
        fields = ["id", "number", "level", "kind", "is_active", "is_taken"]
        validators: list[Any] = []


class SpaceSeriesSerializer(serializers.Serializer):
    """`A-001` to `A-120`: prefix `A-`, first 1, last 120, width 3."""

    prefix = serializers.CharField(max_length=12, required=False, default="", allow_blank=True, trim_whitespace=False)
    first = serializers.IntegerField(min_value=0, max_value=99_999)
    last = serializers.IntegerField(min_value=0, max_value=99_999)
    width = serializers.IntegerField(min_value=0, max_value=6, required=False, default=0)
    kind = serializers.ChoiceField(SpaceKind.choices, required=False, default=SpaceKind.STANDARD)
    level = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)

    def numbers(self) -> list[str]:
        """Raises `Invalid`."""
        given = self.validated_data
        return numbered.series(given["prefix"], given["first"], given["last"], given["width"])


class SpacesMadeSerializer(serializers.Serializer):
    """What came of it."""

    count = serializers.IntegerField()
    first = serializers.CharField()
    last = serializers.CharField()


class LotPhotoAddSerializer(serializers.Serializer):
    picture = serializers.FileField(help_text="JPEG, PNG or WebP, at most 1 MB.")
    caption = serializers.CharField(max_length=160, required=False, allow_blank=True)
    position = serializers.IntegerField(min_value=0, max_value=10_000, required=False, help_text="Last if left out.")


class SpaceBlockSerializer(ModelSerializer):
    """Spaces that nobody gets for a while."""

    kind = serializers.CharField(source="capacity.kind")

    class Meta:
        model = SpaceUse
        fields = ["id", "kind", "quantity", "starts_at", "ends_at", "reason", "created_at"]
        read_only_fields = fields


class SpaceBlockAddSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(SpaceKind.choices, required=False, default=SpaceKind.STANDARD)
    quantity = serializers.IntegerField(min_value=1, max_value=MOST_SPACES, required=False, default=1)
    starts_at = serializers.DateTimeField(required=False, allow_null=True, default=None, help_text="Now if left out.")
    ends_at = serializers.DateTimeField()
    reason = serializers.CharField(max_length=200, help_text="Why: works, coaches, a delivery.")


class PriceChangeSerializer(ModelSerializer):
    """One move of a price: from which multiplier to which, in millionths, and why."""

    kind = serializers.CharField(source="capacity.kind")

    class Meta:
        model = PriceChange
        fields = ["id", "kind", "at", "old_ppm", "new_ppm", "causes", "facts", "words"]
        read_only_fields = fields


class RatesPreviewRequestSerializer(serializers.Serializer):
    tariff = ConfigurationField(required=False, help_text="To be tried, unsaved; left out: the lot's own.")
    multiplier_ppm = serializers.IntegerField(
        min_value=1, max_value=100_000_000, required=False, default=1_000_000, help_text="In millionths."
    )
    starts_at = serializers.DateTimeField(required=False, help_text="When the stays begin; now if left out.")

    def validate_starts_at(self, given: datetime) -> datetime:
        """Near the ends of the calendar nothing can be reckoned."""
        if given.year not in YEARS:
            raise serializers.ValidationError(
                gettext("Give a year from {least} to {most}.").format(least=YEARS[0], most=YEARS[-1])
            )
        return given


class RatesPreviewRowSerializer(serializers.Serializer):
    """One length of stay and its price."""

    minutes = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]
    amount = serializers.IntegerField()
    shown = serializers.CharField()


class RatesPreviewSerializer(serializers.Serializer):
    """What a tariff says, and what stays would cost."""

    currency = serializers.CharField()
    sentences = serializers.ListField(child=serializers.CharField())
    rows = RatesPreviewRowSerializer(many=True)
