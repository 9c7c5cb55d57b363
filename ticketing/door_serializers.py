"""The door as the API reads and shows it."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from ticketing import reasons
from ticketing.models import Scan, Ticket
from ticketing.serializers import TicketTypeNameSerializer


class ScanRequestSerializer(serializers.Serializer):
    """What a scanner sends."""

    code = serializers.CharField(
        allow_blank=True, trim_whitespace=False, help_text="What the camera read, whatever it was."
    )
    event = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="Whose door this is; tickets for others are refused."
    )
    gate = serializers.CharField(required=False, allow_blank=True, default="", max_length=60)
    nonce = serializers.CharField(
        max_length=80, help_text="Of the scanner's own making, such as a UUID; the same nonce gets the same answer."
    )
    scanned_at = serializers.DateTimeField(
        required=False, allow_null=True, default=None, help_text="By the scanner's clock; now when left out."
    )


class AdmissionRequestSerializer(serializers.Serializer):
    """Whom a steward lets in by hand."""

    number = serializers.CharField(max_length=12, help_text="The ticket's number, in either case.")
    event = serializers.UUIDField()
    gate = serializers.CharField(required=False, allow_blank=True, default="", max_length=60)
    reason = serializers.CharField(max_length=500, help_text="Kept in the history.")

    def validate_number(self, number: str) -> str:
        """As it was read out: the alphabet has no I, L or O."""
        return number.upper().translate(str.maketrans("ILO", "110"))


class AtTheDoorSerializer(serializers.ModelSerializer):
    """A ticket as the steward sees it."""

    event = serializers.SerializerMethodField()
    ticket_type = TicketTypeNameSerializer()
    holder = serializers.CharField(source="holder_name")

    class Meta:
        model = Ticket
        fields = ["id", "number", "event", "ticket_type", "seat", "holder"]
        read_only_fields = fields

    @extend_schema_field(
        {"type": "object", "properties": {"id": {"type": "string", "format": "uuid"}, "name": {"type": "string"}}}
    )
    def get_event(self, ticket: Ticket) -> dict[str, str]:
        return {"id": str(ticket.event_id), "name": ticket.event.name}


class PreviousScanSerializer(serializers.Serializer):
    at = serializers.DateTimeField(source="scanned_at")
    gate = serializers.CharField()


class ScanSerializer(serializers.ModelSerializer):
    """The answer to a scanner."""

    reason = serializers.ChoiceField(choices=Scan.Reason.choices, help_text="Empty when accepted.")
    message = serializers.SerializerMethodField(help_text="For the steward.")
    ticket = AtTheDoorSerializer(allow_null=True)
    previous_scan = PreviousScanSerializer(
        source="previous", allow_null=True, help_text="With `already_used`: when and where it was used."
    )

    class Meta:
        model = Scan
        fields = ["id", "result", "reason", "message", "ticket", "previous_scan", "gate", "nonce", "scanned_at"]
        read_only_fields = fields

    def get_message(self, scan: Scan) -> str:
        return reasons.message(scan)


class ScanTicketSerializer(serializers.ModelSerializer):
    class Meta:
        model = Ticket
        fields = ["id", "number"]
        read_only_fields = fields


class StewardSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField(source="full_name")


class ScanRowSerializer(serializers.ModelSerializer):
    """A scan in the event's list."""

    reason = serializers.ChoiceField(choices=Scan.Reason.choices, help_text="Empty when accepted.")
    ticket = ScanTicketSerializer(allow_null=True)
    scanned_by = StewardSerializer()
    received_at = serializers.DateTimeField(source="created_at")

    class Meta:
        model = Scan
        fields = ["id", "result", "reason", "method", "gate", "ticket", "scanned_by", "scanned_at", "received_at"]
        read_only_fields = fields


class TypeAttendanceSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    issued = serializers.IntegerField()
    checked_in = serializers.IntegerField()
    remaining = serializers.IntegerField()


class GateAttendanceSerializer(serializers.Serializer):
    gate = serializers.CharField(help_text="Empty where the scanner named none.")
    checked_in = serializers.IntegerField()


class AttendanceSerializer(serializers.Serializer):
    """An event's door in numbers."""

    event = serializers.UUIDField()
    capacity = serializers.IntegerField()
    issued = serializers.IntegerField(
        help_text="Tickets that admit or have admitted someone; refunded ones don't count."
    )
    checked_in = serializers.IntegerField()
    remaining = serializers.IntegerField(help_text="Issued and not checked in.")
    refused_scans = serializers.IntegerField()
    by_ticket_type = TypeAttendanceSerializer(many=True)
    by_gate = GateAttendanceSerializer(many=True)
