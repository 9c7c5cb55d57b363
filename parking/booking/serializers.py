"""Quotes and reservations as the API reads and shows them. Amounts are integers in minor units of `currency`."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from events.serializers import TimeField
from events.times import to_utc
from parking.booking import codes, quoting
from parking.booking.changing import Planned, Wanted
from parking.booking.models import ParkingOffer, ParkingReservation, ReservationChange
from parking.booking.reckoning import parts_of
from parking.lots.models import ParkingLot, SpaceKind
from parking.stays.billing import Bill, of_change
from parking.stays.models import ParkingCharge
from parking.vehicles import plates
from trufan.lib.serializing import ModelSerializer

GIVEN = "ISO 8601, with an offset or, without one, by the clocks of the lot's venue."


class PlateField(serializers.CharField):
    """A number plate, as it is written."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": plates.MAX_LENGTH, "allow_blank": True, **kwargs})


class QuoteRequestSerializer(serializers.Serializer):
    """`{"lot", "kind", "starts_at", "ends_at", "plate" | "vehicle", "height_cm", "event"}`"""

    lot = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=SpaceKind.choices, default=SpaceKind.STANDARD)
    starts_at = TimeField(help_text=GIVEN)
    ends_at = TimeField(help_text=GIVEN)
    plate = PlateField(required=False, default="")
    vehicle = serializers.UUIDField(required=False, allow_null=True, default=None, help_text="One of my own.")
    height_cm = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=50, max_value=2000)
    event = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="What it is for: events may have a price of their own."
    )

    def wanted(self) -> quoting.Wanted:
        """Raises what `quoting.quotable_lot` raises, and `Invalid` for times that never are."""
        given = self.validated_data
        zone = quoting.quotable_lot(given["lot"]).zone
        return quoting.Wanted(
            lot_id=given["lot"],
            kind=given["kind"],
            starts_at=to_utc(given["starts_at"], zone, "starts_at"),
            ends_at=to_utc(given["ends_at"], zone, "ends_at"),
            plate=given["plate"],
            vehicle_id=given["vehicle"],
            height_cm=given["height_cm"],
            event_id=given["event"],
        )


class PricePartSerializer(serializers.Serializer):
    """One line of how a price came about."""

    kind = serializers.CharField()
    words = serializers.CharField()
    amount = serializers.IntegerField(help_text="Below zero where something is taken off.")


class QuoteSerializer(ModelSerializer):
    """A price that holds until `expires_at`. Its id is that of a line of a cart: `{"type": "parking", "id"}`."""

    lot = serializers.UUIDField(source="capacity.lot_id")
    kind = serializers.CharField(source="capacity.kind")
    currency = serializers.CharField(source="capacity.lot.venue.currency")
    event = serializers.UUIDField(source="event_id", allow_null=True)
    parts = PricePartSerializer(many=True, help_text="They add up to the price.")
    explanation = serializers.ListField(source="words", child=serializers.CharField(), help_text="Why it costs that.")
    multiplier = serializers.SerializerMethodField(help_text="By how much demand moves the price just now.")
    available = serializers.SerializerMethodField(help_text="Spaces left for the whole window when it was asked.")

    class Meta:
        model = ParkingOffer
        fields = [
            "id", "lot", "kind", "starts_at", "ends_at", "plate", "event", "price", "currency", "parts", "explanation",
            "multiplier", "available", "expires_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_multiplier(self, offer: ParkingOffer) -> float:
        return offer.multiplier_ppm / 1_000_000

    def get_available(self, offer: ParkingOffer) -> int | None:
        return self.context.get("available")


class ReservedLotSerializer(ModelSerializer):
    """Where to drive to."""

    class Meta:
        model = ParkingLot
        fields = ["id", "name", "street", "city", "latitude", "longitude"]
        read_only_fields = fields


class ReservationSerializer(ModelSerializer):
    """A space that is paid for. `code` opens the gate, as the plate does; only its holder sees it."""

    lot = ReservedLotSerializer(source="capacity.lot")
    venue = serializers.UUIDField(source="venue_id")
    kind = serializers.CharField(source="capacity.kind")
    currency = serializers.CharField(source="capacity.lot.venue.currency")
    event = serializers.UUIDField(source="event_id", allow_null=True)
    order = serializers.UUIDField(source="order_id")
    is_frozen = serializers.SerializerMethodField(help_text="Its money is disputed, or on its way back.")
    free_until = serializers.SerializerMethodField(help_text="Until then it is cancelled for nothing.")
    code = serializers.SerializerMethodField()

    class Meta:
        model = ParkingReservation
        fields = [
            "id", "number", "status", "lot", "venue", "kind", "starts_at", "ends_at", "plate", "event", "order",
            "price", "currency", "is_frozen", "free_until", "code",
        ]  # fmt: skip
        read_only_fields = fields

    def get_is_frozen(self, row: ParkingReservation) -> bool:
        return row.frozen_at is not None or row.returning_at is not None

    @extend_schema_field(serializers.DateTimeField())
    def get_free_until(self, row: ParkingReservation) -> str:
        return serializers.DateTimeField().to_representation(quoting.free_until(row))

    def get_code(self, row: ParkingReservation) -> str | None:
        return codes.code_for(row) if self.context.get("is_own") and row.status in row.LIVE else None


class PlateSerializer(serializers.Serializer):
    """Another car comes: its `plate`, or one of my own vehicles."""

    plate = PlateField(required=False)
    vehicle = serializers.UUIDField(required=False, help_text="One of my own, in place of a plate.")

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if not given:
            raise serializers.ValidationError({"plate": gettext("Say which car comes.")})
        return given

    def plate_for(self, user: Any, reservation: ParkingReservation) -> str:
        """The plate that is meant. Raises `Invalid` for a vehicle the person does not have, or that is too high."""
        given = self.validated_data
        plate = given.get("plate", "")
        vehicle = quoting.vehicle_of(user, given.get("vehicle"), plate)
        if vehicle is None:
            return plate
        quoting.refuse_height(reservation.lot, vehicle.height_cm, "vehicle")
        return vehicle.plate


class ChangeRequestSerializer(serializers.Serializer):
    """What is to be changed; what is left out stays."""

    starts_at = TimeField(required=False, help_text=GIVEN)
    ends_at = TimeField(required=False, help_text=GIVEN)
    kind = serializers.ChoiceField(choices=SpaceKind.choices, required=False)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if not given:
            raise serializers.ValidationError({"ends_at": gettext("Say what is to be changed.")})
        return given

    def wanted(self, reservation: ParkingReservation) -> Wanted:
        """Raises `Invalid` for times that never are."""
        given, zone = self.validated_data, reservation.lot.zone
        times = {name: to_utc(given[name], zone, name) for name in ("starts_at", "ends_at") if name in given}
        return Wanted(**times, kind=given.get("kind"))


class PlannedChangeSerializer(serializers.Serializer):
    """What a change would come to; `amount` is to be paid, with fees and tax."""

    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    kind = serializers.CharField(source="capacity.kind")
    price = serializers.IntegerField(source="fee.amount", help_text="What the new window costs, before fees and tax.")
    difference = serializers.IntegerField(help_text="Below nothing where it costs less. Before fees and tax.")
    parts = serializers.SerializerMethodField(help_text="They add up to the price.")
    amount = serializers.SerializerMethodField(help_text="To pay now, tax and fees included.")
    refund = serializers.IntegerField(help_text="What goes back, with its tax, less the lot's fee after `free_until`.")
    available = serializers.IntegerField(help_text="Spaces that the reservation could move to, for all of the window.")
    currency = serializers.CharField(source="capacity.lot.venue.currency")

    @extend_schema_field(PricePartSerializer(many=True))
    def get_parts(self, planned: Planned) -> list[dict[str, Any]]:
        return parts_of(planned.fee)

    def get_amount(self, planned: Planned) -> int:
        return bill_of(planned).total if planned.difference > 0 else 0


class ChangeSerializer(ModelSerializer):
    """A change: `pending` until its charge is paid, `applied`, or `lapsed` where it was not."""

    reservation = serializers.UUIDField(source="reservation_id")
    kind = serializers.CharField(source="capacity.kind")
    charge = serializers.SerializerMethodField(help_text="Of it `amount` is to be paid; null where nothing is.")

    class Meta:
        model = ReservationChange
        fields = [
            "id", "reservation", "status", "starts_at", "ends_at", "kind", "price", "difference", "charge",
            "expires_at",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field({
        "type": "object", "nullable": True,
        "properties": {
            "id": {"type": "string", "format": "uuid"}, "status": {"type": "string"}, "amount": {"type": "integer"},
            "currency": {"type": "string"},
        },
    })  # fmt: skip
    def get_charge(self, row: ReservationChange) -> dict[str, Any] | None:
        found = ParkingCharge.objects.filter(change=row).order_by("-created_at").first()
        if found is None:
            return None
        return {
            "id": str(found.pk), "status": found.status, "amount": found.amount_total, "currency": found.currency,
        }  # fmt: skip


class CancelReservationSerializer(serializers.Serializer):
    reason = serializers.CharField(required=False, allow_blank=True, max_length=200, default="Cancelled by its holder.")


class CancelledSerializer(serializers.Serializer):
    """What becomes of it; amounts with tax."""

    reservation = ReservationSerializer()
    refunded = serializers.IntegerField()
    kept = serializers.IntegerField(help_text="What the lot keeps.")


def bill_of(planned: Planned) -> Bill:
    """What the driver would pay for a change that is dearer."""
    unsaved = ReservationChange(
        capacity=planned.capacity,
        starts_at=planned.starts_at,
        ends_at=planned.ends_at,
        price=planned.fee.amount,
        difference=planned.difference,
        expires_at=planned.ends_at,
    )
    return of_change(unsaved)
