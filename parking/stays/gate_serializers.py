"""What cameras and stewards send, and what the gate answers."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from parking.booking.models import ParkingReservation
from parking.booking.serializers import PlateField
from parking.lots.models import SpaceKind
from parking.stays import access, gate, gate_words
from parking.stays.gate import Seen
from parking.stays.models import GateEvent, ParkingSession
from trufan.lib.names import NoteField
from trufan.lib.serializing import ModelSerializer


class SeenSerializer(serializers.Serializer):
    """A car at the gate, by its plate or by the code that its driver shows."""

    lot = serializers.UUIDField()
    plate = PlateField(required=False, default="")
    code = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=200, help_text="Of a reservation or a stay's ticket."
    )
    kind = serializers.ChoiceField(
        choices=SpaceKind.choices,
        required=False,
        allow_blank=True,
        default="",
        help_text="Which spaces this entry leads to; left out: the usual ones.",
    )
    gate = serializers.CharField(required=False, allow_blank=True, default="", max_length=60)
    nonce = serializers.CharField(
        max_length=80, help_text="Of the camera's own making, such as a UUID; the same nonce gets the same answer."
    )
    seen_at = serializers.DateTimeField(
        required=False, allow_null=True, default=None, help_text="By the camera's clock; now when left out."
    )
    override = NoteField(
        required=False,
        allow_blank=True,
        default="",
        max_length=200,
        help_text="Why the steward opens whatever the answer; it is kept.",
    )

    def seen(self) -> Seen:
        given = {name: value for name, value in self.validated_data.items() if name != "lot"}
        return Seen(**given)


class SeenStaySerializer(ModelSerializer):
    """The stay as the steward sees it; `code` is for the ticket that a machine prints."""

    space = serializers.SerializerMethodField()
    code = serializers.SerializerMethodField()

    class Meta:
        model = ParkingSession
        fields = ["id", "number", "space", "started_at", "expires_at", "code"]
        read_only_fields = fields

    def get_space(self, row: ParkingSession) -> str:
        return row.space.number if row.space else ""

    def get_code(self, row: ParkingSession) -> str:
        return access.gate_code(row)


class SeenReservationSerializer(ModelSerializer):
    class Meta:
        model = ParkingReservation
        fields = ["id", "number", "starts_at", "ends_at", "holder_name"]
        read_only_fields = fields


class PreviousSerializer(serializers.Serializer):
    at = serializers.DateTimeField(source="seen_at")
    gate = serializers.CharField()


class GateAnswerSerializer(ModelSerializer):
    """What the gate does."""

    open = serializers.BooleanField(source="is_open")
    reason = serializers.ChoiceField(choices=GateEvent.Reason.choices, help_text="Empty when it opens by itself.")
    message = serializers.SerializerMethodField(help_text="For the driver's display and the steward.")
    session = SeenStaySerializer(allow_null=True)
    reservation = SeenReservationSerializer(allow_null=True)
    currency = serializers.CharField(source="lot.venue.currency")
    pay_url = serializers.SerializerMethodField(help_text="With `not_paid`: where the driver pays, for a QR code.")
    previous = serializers.SerializerMethodField(help_text="When and where the gate opened for this before.")

    class Meta:
        model = GateEvent
        fields = [
            "id", "direction", "open", "reason", "message", "override", "session", "reservation", "amount_due",
            "currency", "pay_url", "previous", "plate", "gate", "nonce", "seen_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_message(self, event: GateEvent) -> str:
        return gate_words.message(event)

    def get_pay_url(self, event: GateEvent) -> str:
        is_unpaid = event.reason == GateEvent.Reason.NOT_PAID and not event.is_open
        return access.payer_link(event.session) if is_unpaid and event.session else ""

    def get_previous(self, event: GateEvent) -> dict[str, Any] | None:
        found = gate.previous(event)
        return PreviousSerializer(found).data if found is not None else None
