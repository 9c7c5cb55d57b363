"""Valet tickets as the API reads and shows them."""

from __future__ import annotations

from rest_framework import serializers

from parking.booking.serializers import PlateField
from parking.stays import access, leaving
from parking.stays.serializers import StayContactSerializer, WhichLotSerializer
from parking.valet import pins
from parking.valet.models import ValetIncident, ValetPhoto, ValetTicket
from parking.valet.moves import Dropped
from trufan.lib.money import MAX_AMOUNT
from trufan.lib.names import NoteField
from trufan.lib.serializing import ModelSerializer


class DropOffSerializer(serializers.Serializer):
    """A car that is handed over."""

    lot = serializers.UUIDField()
    plate = PlateField(required=False, default="")
    vehicle = NoteField(required=False, allow_blank=True, default="", max_length=120, help_text="Blue Volvo V60.")
    notes = NoteField(required=False, allow_blank=True, default="", max_length=200)
    key_tag = NoteField(required=False, allow_blank=True, default="", max_length=30)
    code = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=80, help_text="Of a reservation for valet parking."
    )
    contact = StayContactSerializer(required=False)

    def car(self) -> Dropped:
        given = dict(self.validated_data)
        given.pop("lot")
        contact = given.pop("contact", {})
        return Dropped(**given, email=contact.get("email", ""), phone=str(contact.get("phone", "")))


class ParkSerializer(serializers.Serializer):
    place = NoteField(max_length=60, help_text="P2 row C.")
    key_tag = NoteField(required=False, allow_blank=True, default="", max_length=30)


class WantSerializer(serializers.Serializer):
    wanted_at = serializers.DateTimeField(required=False, allow_null=True, default=None, help_text="Null: now.")


class ByNumberSerializer(WhichLotSerializer):
    """What stands on the ticket: the number, the PIN, and the lot or its sign."""

    number = serializers.IntegerField(min_value=1, max_value=100_000)
    pin = serializers.CharField(max_length=10)


class WantByNumberSerializer(ByNumberSerializer, WantSerializer):
    """The same, and for when it is wanted."""


class HandOverSerializer(serializers.Serializer):
    pin = serializers.CharField(required=False, allow_blank=True, default="", max_length=10)
    reason = NoteField(
        required=False,
        allow_blank=True,
        default="",
        max_length=200,
        help_text="Why it goes without the PIN, or unpaid.",
    )
    unpaid = serializers.BooleanField(
        required=False, default=False, help_text="Let it go with money due; needs a reason."
    )


class CancelValetSerializer(serializers.Serializer):
    reason = NoteField(max_length=200)


class ValetTipSerializer(serializers.Serializer):
    amount = serializers.IntegerField(min_value=1, max_value=MAX_AMOUNT)
    payment_method = serializers.CharField(required=False, allow_blank=True, default="", max_length=80)


class ValetTicketSerializer(ModelSerializer):
    """Where a car is, as its holder sees it."""

    lot = serializers.CharField(source="lot.name")
    session = serializers.UUIDField(source="session_id", help_text="The stay: it is paid like any other.")
    place_in_queue = serializers.SerializerMethodField(help_text="From 1; 0: not asked for, or there.")
    minutes = serializers.SerializerMethodField(help_text="In how many it should be there.")
    amount_due = serializers.SerializerMethodField(help_text="What is to be paid before it is handed over.")
    currency = serializers.CharField(source="session.currency", help_text="ISO 4217.")

    class Meta:
        model = ValetTicket
        fields = [
            "id", "number", "lot", "session", "status", "vehicle", "place_in_queue", "minutes", "created_at",
            "requested_at", "wanted_at", "ready_at", "ended_at", "amount_due", "currency",
        ]  # fmt: skip
        read_only_fields = fields

    def get_place_in_queue(self, row: ValetTicket) -> int:
        return self.context["wanted"].place

    def get_minutes(self, row: ValetTicket) -> int:
        return self.context["wanted"].minutes

    def get_amount_due(self, row: ValetTicket) -> int:
        return leaving.to_pay(row.session, self.context["now"])


class PaperTicketSerializer(ValetTicketSerializer):
    """The same for who has the paper, which is as good as the access code of the stay."""

    access_code = serializers.SerializerMethodField(help_text="As `X-Parking-Access-Code` it pays the stay, and tips.")

    class Meta(ValetTicketSerializer.Meta):
        fields = [*ValetTicketSerializer.Meta.fields, "access_code"]
        read_only_fields = fields

    def get_access_code(self, row: ValetTicket) -> str:
        return access.code_for(row.session)


class ListedTicketSerializer(ModelSerializer):
    """A ticket as it stands in the lists of staff."""

    plate = serializers.CharField(source="session.plate")

    class Meta:
        model = ValetTicket
        fields = [
            "id", "number", "status", "plate", "vehicle", "place", "key_tag", "created_at", "wanted_at", "ended_at",
        ]  # fmt: skip
        read_only_fields = fields


class ValetPhotoSerializer(ModelSerializer):
    incident = serializers.UUIDField(source="incident_id", allow_null=True)

    class Meta:
        model = ValetPhoto
        fields = ["id", "incident", "words", "created_at"]
        read_only_fields = fields


class ValetIncidentSerializer(ModelSerializer):
    class Meta:
        model = ValetIncident
        fields = ["id", "happened_at", "words", "created_at"]
        read_only_fields = ["id", "created_at"]
        extra_kwargs = {"happened_at": {"required": False}}


class ListedIncidentSerializer(ModelSerializer):
    """An incident with the car that it happened to."""

    ticket = ListedTicketSerializer()
    reported_by = serializers.CharField(help_text="Whose words these are.")
    photos = ValetPhotoSerializer(many=True)

    class Meta:
        model = ValetIncident
        fields = ["id", "happened_at", "words", "created_at", "reported_by", "ticket", "photos"]
        read_only_fields = fields


class StaffTicketSerializer(ValetTicketSerializer):
    """A ticket as staff see it, the PIN only when it is made."""

    plate = serializers.CharField(source="session.plate")
    photos = ValetPhotoSerializer(many=True)
    incidents = ValetIncidentSerializer(many=True)
    pin = serializers.SerializerMethodField(help_text="To be printed on the ticket; null later.")

    class Meta(ValetTicketSerializer.Meta):
        fields = [
            *ValetTicketSerializer.Meta.fields, "plate", "notes", "place", "key_tag", "requested_by", "wrong_pins",
            "photos", "incidents", "pin",
        ]  # fmt: skip
        read_only_fields = fields

    def get_pin(self, row: ValetTicket) -> str | None:
        return pins.pin_for(row) if self.context.get("is_new") else None


class QueuedSerializer(serializers.Serializer):
    """A car in the queue."""

    place = serializers.IntegerField()
    minutes = serializers.IntegerField()
    id = serializers.UUIDField(source="ticket.pk")
    number = serializers.IntegerField(source="ticket.number")
    status = serializers.CharField(source="ticket.status")
    vehicle = serializers.CharField(source="ticket.vehicle")
    stands_at = serializers.CharField(source="ticket.place")
    key_tag = serializers.CharField(source="ticket.key_tag")
    wanted_at = serializers.DateTimeField(source="ticket.wanted_at", allow_null=True)


class ValetQueueSerializer(serializers.Serializer):
    lot = serializers.UUIDField()
    minutes_each = serializers.IntegerField(help_text="What bringing one car took lately.")
    cars = QueuedSerializer(many=True)


class ValetPictureSerializer(serializers.Serializer):
    picture = serializers.FileField(help_text="JPEG, PNG or WebP, at most 1 MB.")
    words = NoteField(required=False, allow_blank=True, default="", max_length=200)
    incident = serializers.UUIDField(required=False, allow_null=True, default=None)
