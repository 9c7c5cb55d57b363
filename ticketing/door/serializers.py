"""The door as the API reads and shows it."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from events.door_policy import policy_of
from ticketing.door import reasons
from ticketing.models import CheckInList, Scan, Ticket, TicketType
from ticketing.serializers import GatesField, TicketTypeNameSerializer
from trufan.lib.serializing import ModelSerializer, TakenSerializer


class ScanRequestSerializer(TakenSerializer):
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
    direction = serializers.ChoiceField(
        choices=Scan.Direction.choices, default=Scan.Direction.IN, help_text="`out` where people are counted out."
    )
    list = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="The check-in list that the scanner works by."
    )


class AdmissionRequestSerializer(serializers.Serializer):
    """Whom a steward lets in by hand."""

    number = serializers.CharField(max_length=12, help_text="The ticket's number, in either case.")
    event = serializers.UUIDField()
    gate = serializers.CharField(required=False, allow_blank=True, default="", max_length=60)
    direction = serializers.ChoiceField(choices=Scan.Direction.choices, default=Scan.Direction.IN)
    reason = serializers.CharField(max_length=500, help_text="Kept in the history.")

    def validate_number(self, number: str) -> str:
        """As it was read out: the alphabet has no I, L or O."""
        return number.upper().translate(str.maketrans("ILO", "110"))


class UndoRequestSerializer(serializers.Serializer):
    """Whose last passage was a mistake."""

    number = serializers.CharField(max_length=12, help_text="The ticket's number, in either case.")
    event = serializers.UUIDField()
    reason = serializers.CharField(max_length=500, help_text="Kept in the history.")

    validate_number = AdmissionRequestSerializer.validate_number


class OrderAtTheDoorSerializer(serializers.Serializer):
    """Which order, at whose door."""

    order = serializers.CharField(max_length=12, help_text="The order's number, in either case.")
    event = serializers.UUIDField()

    validate_order = AdmissionRequestSerializer.validate_number


class OrderAdmissionRequestSerializer(OrderAtTheDoorSerializer):
    """An order whose people stand at the door together."""

    gate = serializers.CharField(required=False, allow_blank=True, default="", max_length=60)
    list = serializers.UUIDField(required=False, allow_null=True, default=None, help_text="The check-in list.")
    reason = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=500, help_text="Kept in the history."
    )


class OrderUndoRequestSerializer(OrderAtTheDoorSerializer):
    """An order that was let in by mistake."""

    admission = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="Which one; left out: the last that stands."
    )
    reason = serializers.CharField(max_length=500, help_text="Kept in the history.")


class AtTheDoorSerializer(ModelSerializer):
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


class ScanSerializer(ModelSerializer):
    """The answer to a scanner."""

    reason = serializers.ChoiceField(choices=Scan.Reason.choices, help_text="Empty when accepted.")
    message = serializers.SerializerMethodField(help_text="For the steward.")
    ticket = AtTheDoorSerializer(allow_null=True)
    check_age = serializers.SerializerMethodField(
        help_text="How old at least the person must be: look at an ID. Null where the event doesn't ask."
    )
    previous_scan = PreviousScanSerializer(
        source="previous", allow_null=True, help_text="With `already_used`: when and where it was used."
    )
    list = serializers.UUIDField(source="checkin_list_id", allow_null=True)

    class Meta:
        model = Scan
        fields = [
            "id", "result", "reason", "message", "check_age", "ticket", "previous_scan", "direction", "gate", "list",
            "nonce", "scanned_at",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_check_age(self, scan: Scan) -> int | None:
        is_in = scan.result == Scan.Result.ACCEPTED and scan.direction == Scan.Direction.IN
        return policy_of(scan.ticket.event).minimum_age if is_in and scan.ticket else None

    def get_message(self, scan: Scan) -> str:
        return reasons.message(scan)


class OrderAdmissionSerializer(serializers.Serializer):
    """What became of each ticket of an order."""

    id = serializers.UUIDField(help_text="By which it can be taken back.")
    order = serializers.CharField(source="order.number")
    accepted = serializers.IntegerField()
    refused = serializers.IntegerField()
    scans = ScanSerializer(many=True)


class ScanTicketSerializer(ModelSerializer):
    class Meta:
        model = Ticket
        fields = ["id", "number"]
        read_only_fields = fields


class StewardSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField(source="full_name")


class CheckInListNameSerializer(ModelSerializer):
    class Meta:
        model = CheckInList
        fields = ["id", "name"]
        read_only_fields = fields


class ScanRowSerializer(ModelSerializer):
    """A scan in the event's list."""

    reason = serializers.ChoiceField(choices=Scan.Reason.choices, help_text="Empty when accepted.")
    ticket = ScanTicketSerializer(allow_null=True)
    scanned_by = StewardSerializer()
    received_at = serializers.DateTimeField(source="created_at")

    list = CheckInListNameSerializer(source="checkin_list", allow_null=True)
    conflict = serializers.ChoiceField(choices=Scan.Conflict.choices, help_text="Empty where there is none.")

    class Meta:
        model = Scan
        fields = [
            "id", "result", "reason", "conflict", "method", "direction", "gate", "list", "ticket", "is_offline",
            "device", "scanned_by", "scanned_at", "received_at",
        ]  # fmt: skip
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


class FoundTicketSerializer(AtTheDoorSerializer):
    """A ticket that was looked for: what the steward needs to know whom to let in, and no more."""

    order = serializers.CharField(source="order.number", help_text="The order's number.")

    class Meta(AtTheDoorSerializer.Meta):
        fields = [
            "id", "number", "ticket_type", "seat", "holder", "order", "status", "inside", "used_at", "used_gate",
        ]  # fmt: skip
        read_only_fields = fields


class CountsPartSerializer(serializers.Serializer):
    sold = serializers.IntegerField(help_text="Tickets that admit or have admitted someone.")
    arrived = serializers.IntegerField(help_text="Those that were used.")
    inside = serializers.IntegerField(help_text="Those whose bearer has not been counted out.")


class TypeCountsSerializer(CountsPartSerializer):
    id = serializers.UUIDField()
    name = serializers.CharField()


class GateCountsSerializer(serializers.Serializer):
    gate = serializers.CharField(help_text="Empty where the scanner named none.")
    arrived = serializers.IntegerField()


class MinuteSerializer(serializers.Serializer):
    minute = serializers.DateTimeField()
    came_in = serializers.IntegerField()
    went_out = serializers.IntegerField()
    refused = serializers.IntegerField()


class CountsSerializer(CountsPartSerializer):
    """The door in numbers."""

    event = serializers.UUIDField()
    at = serializers.DateTimeField()
    conflicts = serializers.IntegerField(help_text="Who was let in and should not have been.")
    by_ticket_type = TypeCountsSerializer(many=True)
    by_gate = GateCountsSerializer(many=True, help_text="Where they came in first.")
    per_minute = MinuteSerializer(many=True, help_text="The last 60 minutes, oldest first.")


class CheckInListSerializer(ModelSerializer):
    """Which tickets a scanner lets in."""

    event = serializers.UUIDField(source="event_id")
    gates = serializers.ListField(child=serializers.CharField(), help_text="Empty: any gate.")
    ticket_types = TicketTypeNameSerializer(many=True, help_text="Empty: all.")

    class Meta:
        model = CheckInList
        fields = ["id", "event", "name", "gates", "ticket_types", "is_active", "created_at"]
        read_only_fields = fields


class CheckInListChangeSerializer(serializers.Serializer):
    """What may be said about a check-in list; needs the `event` in its context."""

    name = serializers.CharField(max_length=80)
    gates = GatesField(required=False, help_text="Names of the gates that work by it; empty: any.")
    ticket_types = serializers.ListField(
        child=serializers.UUIDField(),
        required=False,
        max_length=200,
        help_text="Whose tickets stand on it; empty: all.",
    )
    is_active = serializers.BooleanField(required=False, help_text="Off: no scanner works by it any more.")

    def validate_ticket_types(self, keys: list[UUID]) -> list[TicketType]:
        found = TicketType.objects.filter(event=self.context["event"]).in_bulk(keys)
        if len(found) != len(set(keys)):
            raise serializers.ValidationError(gettext("There is no such ticket type at this event."), "unknown")
        return list(found.values())
