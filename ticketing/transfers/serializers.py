"""Offers of tickets as the API reads and shows them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from phonenumber_field.serializerfields import PhoneNumberField
from rest_framework import serializers

from ticketing.models import Ticket
from ticketing.serializers import TicketEventSerializer, TicketTypeNameSerializer
from ticketing.transfers.models import TicketTransfer
from ticketing.transfers.offering import Recipient
from trufan.lib.errors import Invalid
from trufan.lib.serializing import ModelSerializer


class OfferTicketSerializer(serializers.Serializer):
    """Whom to offer a ticket to: an address or a number, not both."""

    email = serializers.EmailField(required=False, max_length=254)
    phone = PhoneNumberField(required=False, help_text="E.164.")
    message = serializers.CharField(required=False, allow_blank=True, max_length=300)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if ("email" in given) == ("phone" in given):
            raise Invalid.field("email", "Give an e-mail address or a phone number, one of the two.", "required")
        return given

    def recipient(self) -> Recipient:
        given = self.validated_data
        return Recipient(email=given.get("email", "").lower(), phone=str(given.get("phone", "")))


class TransferredTicketSerializer(ModelSerializer):
    """The ticket as an offer shows it: never its code."""

    event = TicketEventSerializer()
    ticket_type = TicketTypeNameSerializer()

    class Meta:
        model = Ticket
        fields = ["id", "number", "event", "ticket_type", "seat"]
        read_only_fields = fields


class TicketTransferSerializer(ModelSerializer):
    """One offer, open or over."""

    ticket = TransferredTicketSerializer()
    direction = serializers.SerializerMethodField(help_text="`out`: the caller offered it. `in`: it is for the caller.")
    from_name = serializers.CharField(help_text="The name on the ticket when it was offered.")
    to = serializers.CharField(help_text="The e-mail address or phone number that it was offered to.")

    class Meta:
        model = TicketTransfer
        fields = [
            "id", "ticket", "direction", "from_name", "to", "message", "status", "expires_at", "decided_at",
            "created_at",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(choices=["in", "out"]))
    def get_direction(self, transfer: TicketTransfer) -> str:
        user = self.context["request"].user
        if transfer.offered_by_id is not None:
            return "out" if transfer.offered_by_id == user.pk else "in"
        # A guest has the order's code; whoever else sees the offer is the one it is for.
        return "in" if transfer.is_for(user) or self.context.get("is_recipient") else "out"
