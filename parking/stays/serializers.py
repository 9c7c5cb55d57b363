"""Stays and what the gate answers, as the API reads and shows them. Amounts are minor units of `currency`."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema_field
from phonenumber_field.serializerfields import PhoneNumberField
from rest_framework import serializers

from parking.booking.serializers import PlateField
from parking.lots.models import ONE, ParkingLot, SpaceKind
from parking.rates.tariff import parse
from parking.rates.words import describe
from parking.stays import access, billing, history
from parking.stays.models import ParkingSession
from parking.stays.money_serializers import DueSerializer
from parking.stays.starting import Wanted
from trufan.lib.names import NoteField
from trufan.lib.serializing import ModelSerializer


class StayContactSerializer(serializers.Serializer):
    """Whom to reach: for the receipt, and before the time runs out."""

    email = serializers.EmailField(required=False, allow_blank=True, default="")
    phone = PhoneNumberField(required=False, allow_blank=True, default="", help_text="E.164, such as +12125550123.")


class WhichLotSerializer(serializers.Serializer):
    """A lot by its id, or by the code that stands on its sign."""

    lot = serializers.UUIDField(required=False, allow_null=True, default=None)
    sign_code = serializers.CharField(required=False, allow_blank=True, default="", max_length=12)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if bool(given["lot"]) == bool(given["sign_code"]):
            raise serializers.ValidationError({"lot": gettext("Give the lot or the code on its sign, one of them.")})
        return given


class StartStaySerializer(WhichLotSerializer):
    """`{"lot" | "sign_code", "plate" | "vehicle", "kind", "until", "contact", "event"}`"""

    plate = PlateField(required=False, default="")
    vehicle = serializers.UUIDField(required=False, allow_null=True, default=None, help_text="One of my own.")
    kind = serializers.ChoiceField(
        choices=SpaceKind.choices, required=False, allow_blank=True, default="", help_text="Left out: a usual one."
    )
    until = serializers.DateTimeField(
        required=False, allow_null=True, default=None, help_text="Prepay until then; without it the price runs on."
    )
    contact = StayContactSerializer(required=False)
    event = serializers.UUIDField(required=False, allow_null=True, default=None)
    space = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="A numbered space; staff say so."
    )

    def wanted(self) -> Wanted:
        given = self.validated_data
        contact = given.get("contact") or {}
        return Wanted(
            plate=given["plate"],
            kind=given["kind"],
            until=given["until"],
            email=contact.get("email", ""),
            phone=str(contact.get("phone", "")),
            vehicle_id=given["vehicle"],
            event_id=given["event"],
            space_id=given["space"],
        )


class LookUpSerializer(WhichLotSerializer):
    plate = PlateField(allow_blank=False)


class EndStaySerializer(serializers.Serializer):
    reason = NoteField(required=False, allow_blank=True, default="", max_length=200, help_text="Of staff; it is kept.")


class StayReasonSerializer(serializers.Serializer):
    reason = NoteField(min_length=3, max_length=200, help_text="It is kept.")


class StayNoteSerializer(serializers.Serializer):
    note = NoteField(min_length=3, max_length=200)


class MoveSerializer(serializers.Serializer):
    space = serializers.UUIDField(allow_null=True, help_text="The numbered space; null: none in particular.")


class StayLotSerializer(ModelSerializer):
    """Where the car is."""

    venue = serializers.UUIDField(source="venue_id")
    time_zone = serializers.CharField(source="venue.time_zone")

    class Meta:
        model = ParkingLot
        fields = ["id", "name", "venue", "time_zone", "has_barrier", "exit_grace_minutes"]
        read_only_fields = fields


class StaySummarySerializer(ModelSerializer):
    """A stay as it stands in a list."""

    lot = StayLotSerializer()
    kind = serializers.CharField(source="capacity.kind")
    space = serializers.SerializerMethodField(help_text="Its numbered space; empty where it has none.")
    reservation = serializers.UUIDField(source="reservation_id", allow_null=True)
    event = serializers.UUIDField(source="event_id", allow_null=True)
    currency = serializers.CharField()

    class Meta:
        model = ParkingSession
        fields = [
            "id", "number", "status", "origin", "lot", "kind", "space", "plate", "reservation", "event", "started_at",
            "expires_at", "ended_at", "leave_by", "currency",
        ]  # fmt: skip
        read_only_fields = fields

    def get_space(self, row: ParkingSession) -> str:
        return row.space.number if row.space else ""


class PayHintSerializer(serializers.Serializer):
    """How it is paid: `POST` to `pay`, or open `url` in a browser."""

    due = serializers.CharField()
    pay = serializers.CharField()
    extend = serializers.CharField()
    url = serializers.CharField()


class HistoryLineSerializer(serializers.Serializer):
    at = serializers.DateTimeField()
    action = serializers.CharField()
    words = serializers.CharField()
    by = serializers.CharField(help_text="Empty for TruFan itself and for guests.")
    details = serializers.DictField()


class StaySerializer(StaySummarySerializer):
    """A stay with what it costs. `code` is what its ticket says to the gate; null for who only pays."""

    multiplier = serializers.SerializerMethodField(help_text="Of its entry; it stays, whatever becomes of prices.")
    tariff = serializers.SerializerMethodField(help_text="Of its entry, in sentences.")
    due = serializers.SerializerMethodField()
    pay = serializers.SerializerMethodField()
    code = serializers.SerializerMethodField()
    contact = serializers.SerializerMethodField(help_text="For the account whose stay it is and for staff; else null.")
    history = serializers.SerializerMethodField(help_text="For staff, the latest first; else null.")

    class Meta(StaySummarySerializer.Meta):
        fields = [
            *StaySummarySerializer.Meta.fields, "multiplier", "tariff", "due", "pay", "code", "contact", "history",
        ]  # fmt: skip
        read_only_fields = fields

    def get_multiplier(self, row: ParkingSession) -> float:
        return row.multiplier_ppm / ONE

    def get_tariff(self, row: ParkingSession) -> list[str]:
        return describe(parse(row.tariff), row.currency)

    @extend_schema_field(DueSerializer())
    def get_due(self, row: ParkingSession) -> dict[str, Any]:
        bill = billing.to_pay(row, self.context.get("now") or timezone.now())
        return DueSerializer(bill, context={"session": row}).data

    @extend_schema_field(PayHintSerializer())
    def get_pay(self, row: ParkingSession) -> dict[str, str]:
        paths = {name: reverse(f"parking-session-{name}", args=[row.pk]) for name in ("due", "pay", "extend")}
        return {**paths, "url": access.payer_link(row)}

    def get_code(self, row: ParkingSession) -> str | None:
        return access.gate_code(row) if self.context.get("sees_code") else None

    @extend_schema_field(StayContactSerializer(allow_null=True))
    def get_contact(self, row: ParkingSession) -> dict[str, str] | None:
        if not self.context.get("sees_contact"):
            return None
        return {"email": row.contact_email, "phone": str(row.contact_phone)}

    @extend_schema_field(HistoryLineSerializer(many=True, allow_null=True))
    def get_history(self, row: ParkingSession) -> Any:
        if not self.context.get("sees_history"):
            return None
        return HistoryLineSerializer(history.of(row), many=True).data


class StartedStaySerializer(StaySerializer):
    """The same, and the code that opens it to the driver from then on, as a header."""

    access_code = serializers.SerializerMethodField()

    class Meta(StaySerializer.Meta):
        fields = [*StaySerializer.Meta.fields, "access_code"]
        read_only_fields = fields

    def get_access_code(self, row: ParkingSession) -> str:
        return access.code_for(row)


class FoundStaySerializer(serializers.Serializer):
    """What somebody who stands before the car is told: what it costs, and how to pay. Nothing of whose it is."""

    id = serializers.UUIDField()
    lot = StayLotSerializer()
    started_at = serializers.DateTimeField()
    due = serializers.SerializerMethodField()
    pay = serializers.SerializerMethodField()
    access_code = serializers.SerializerMethodField(help_text="As `X-Parking-Access-Code` it pays the stay.")

    @extend_schema_field(DueSerializer())
    def get_due(self, row: ParkingSession) -> dict[str, Any]:
        bill = billing.to_pay(row, self.context["now"])
        return DueSerializer(bill, context={"session": row}).data

    @extend_schema_field(PayHintSerializer())
    def get_pay(self, row: ParkingSession) -> dict[str, str]:
        paths = {name: reverse(f"parking-session-{name}", args=[row.pk]) for name in ("due", "pay", "extend")}
        return {**paths, "url": access.payer_link(row)}

    def get_access_code(self, row: ParkingSession) -> str:
        return access.payer_code_for(row)
