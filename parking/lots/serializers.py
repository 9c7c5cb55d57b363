"""Lots as everybody sees them. Amounts are integers in minor units of `currency`, before fees and tax."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.grants import Permission
from orders.menu.serializers import WallClockField
from parking.lots import opening, prices
from parking.lots.finding import Window, left_of
from parking.lots.models import LotHours, LotPhoto, ParkingCapacity, ParkingLot
from trufan.lib.serializing import ModelSerializer
from venues.fields import StaffFieldsMixin
from venues.permissions import holds

#: What only staff of the venue are shown.
STAFF_FIELDS = frozenset({
    "status", "tariff", "pricing", "sign_code", "connected_account", "assumed_stay_minutes",
    "valet_minutes", "plate_days",
})  # fmt: skip


class LotHoursSerializer(ModelSerializer):
    weekday = serializers.IntegerField(min_value=0, max_value=6, help_text="0 is Monday, 6 is Sunday.")
    opens_at = WallClockField(help_text="By the venue's clocks, such as 06:30.")
    closes_at = WallClockField(help_text="Not after `opens_at`: on the next day.")

    class Meta:
        model = LotHours
        fields = ["weekday", "opens_at", "closes_at"]


class LotPhotoSerializer(ModelSerializer):
    picture = serializers.ImageField()

    class Meta:
        model = LotPhoto
        fields = ["id", "picture", "caption", "position"]
        read_only_fields = fields


class LotSpacesSerializer(ModelSerializer):
    """The spaces of one kind. Needs `now` and `left` in its context."""

    name = serializers.CharField(source="get_kind_display")
    total = serializers.IntegerField(source="spaces")
    available = serializers.SerializerMethodField(help_text="Free for the whole of the window asked for, else now.")
    price = serializers.SerializerMethodField(help_text="What a stay costs, in sentences, at the base price.")
    price_from = serializers.SerializerMethodField(help_text="What the shortest stay costs that is not free, now.")
    multiplier = serializers.SerializerMethodField(help_text="By how much demand moves the base price just now.")
    has_own_tariff = serializers.SerializerMethodField()

    class Meta:
        model = ParkingCapacity
        fields = ["kind", "name", "total", "available", "price", "price_from", "multiplier", "has_own_tariff"]
        read_only_fields = fields

    def get_available(self, row: ParkingCapacity) -> int:
        return self.context["left"][row.pk]

    def get_price(self, row: ParkingCapacity) -> list[str]:
        return prices.words(row.tariff_in_force, row.lot.currency)

    def get_price_from(self, row: ParkingCapacity) -> int | None:
        return prices.price_from(row.tariff_in_force, row.lot.zone, row.multiplier_ppm, self.context["now"])

    def get_multiplier(self, row: ParkingCapacity) -> float:
        return row.multiplier_ppm / 1_000_000

    def get_has_own_tariff(self, row: ParkingCapacity) -> bool:
        return bool(row.tariff)


class LotSerializer(StaffFieldsMixin, ModelSerializer):
    """A lot with what is free. Needs what `lot_context` makes."""

    venue = serializers.UUIDField(source="venue_id")
    operator = serializers.SerializerMethodField(help_text="Who runs it.")
    is_independent = serializers.BooleanField(help_text="Whether somebody else than the venue runs it.")
    connected_account = serializers.UUIDField(source="connected_account_id", required=False, allow_null=True)
    distance_metres = serializers.SerializerMethodField(help_text="From the given point, rounded; null without one.")
    time_zone = serializers.CharField(source="venue.time_zone")
    currency = serializers.CharField(source="venue.currency", help_text="ISO 4217.")
    opening_hours = LotHoursSerializer(many=True, help_text="What counts where `hours` is `clock`.")
    is_open = serializers.SerializerMethodField(help_text="Whether cars may come in now. Out they may always.")
    amenities = serializers.ListField(child=serializers.ChoiceField(ParkingLot.Amenity.choices))
    spaces = serializers.SerializerMethodField()
    total_spaces = serializers.SerializerMethodField()
    available_spaces = serializers.SerializerMethodField(help_text="Of all kinds together.")
    price = serializers.SerializerMethodField(help_text="What a stay costs, in sentences, at the base price.")
    price_from = serializers.SerializerMethodField(help_text="The least of what its kinds of space start at.")
    photos = LotPhotoSerializer(many=True)
    status = serializers.CharField(required=False)
    sign_code = serializers.CharField(required=False)
    tariff = serializers.JSONField(required=False)
    pricing = serializers.JSONField(required=False)
    assumed_stay_minutes = serializers.IntegerField(required=False)
    valet_minutes = serializers.IntegerField(required=False)
    plate_days = serializers.IntegerField(required=False)

    staff_fields = STAFF_FIELDS

    class Meta:
        model = ParkingLot
        fields = [
            "id", "venue", "name", "slug", "description", "operator", "operator_name", "is_independent", "street",
            "city", "region", "postal_code", "country", "latitude", "longitude", "distance_metres", "time_zone",
            "currency", "hours", "opening_hours", "is_open", "height_limit_cm", "amenities", "spaces", "total_spaces",
            "available_spaces", "price", "price_from", "photos", "takes_reservations", "takes_drive_ups",
            "has_barrier", "allows_reentry", "quote_minutes", "early_entry_minutes", "no_show_minutes",
            "cancel_free_minutes", "cancel_fee", "exit_grace_minutes", "overstay_percent", "overstay_grace_minutes",
            "lost_ticket_price", "status", "sign_code", "tariff", "pricing", "connected_account",
            "assumed_stay_minutes", "valet_minutes", "plate_days",
        ]  # fmt: skip
        read_only_fields = fields

    def may_see_staff_fields(self, row: ParkingLot) -> bool:
        return holds(self.context["request"].user, Permission.VIEW_VENUE, row.venue_id)

    def get_operator(self, lot: ParkingLot) -> str:
        return lot.operator_name or lot.venue.name

    def get_distance_metres(self, lot: ParkingLot) -> int | None:
        distance = getattr(lot, "distance_metres", None)
        return None if distance is None else round(distance)

    def get_is_open(self, lot: ParkingLot) -> bool:
        return opening.is_open(lot, self.context["now"])

    @extend_schema_field(LotSpacesSerializer(many=True))
    def get_spaces(self, lot: ParkingLot) -> Any:
        return LotSpacesSerializer(kinds_of(lot), many=True, context=self.context).data

    def get_total_spaces(self, lot: ParkingLot) -> int:
        return sum(capacity.spaces for capacity in kinds_of(lot))

    def get_available_spaces(self, lot: ParkingLot) -> int:
        return sum(self.context["left"][capacity.pk] for capacity in kinds_of(lot))

    def get_price(self, lot: ParkingLot) -> list[str]:
        return prices.words(lot.tariff, lot.currency)

    def get_price_from(self, lot: ParkingLot) -> int | None:
        starts = (
            prices.price_from(each.tariff_in_force, lot.zone, each.multiplier_ppm, self.context["now"])
            for each in kinds_of(lot)
        )
        return min((price for price in starts if price is not None), default=None)


def kinds_of(lot: ParkingLot) -> list[ParkingCapacity]:
    """Its kinds of space that there are any of; each knows the lot without asking."""
    found = [capacity for capacity in lot.capacities.all() if capacity.spaces]
    for capacity in found:
        capacity.lot = lot
    return found


def lot_context(request: Any, lots: list[ParkingLot], window: Window, now: datetime) -> dict[str, Any]:
    """What the serializers above need to know of who asks, when, and of what is free; one query."""
    return {"request": request, "now": now, "left": left_of(lots, window, now)}
