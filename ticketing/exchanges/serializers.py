"""Exchanges as the API reads and shows them. Amounts are integers in minor units of the venue's currency."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from orders import access, line_fields
from orders.refund_serializers import MAX_TICKETS
from ticketing.exchanges.asking import Wanted
from ticketing.exchanges.models import TicketExchange
from ticketing.models import TicketType
from trufan.lib.serializing import ModelSerializer


class ExchangeAskedSerializer(serializers.Serializer):
    tickets = serializers.ListField(
        child=serializers.UUIDField(), min_length=1, max_length=MAX_TICKETS, help_text="Those that go back."
    )
    ticket_type = serializers.UUIDField(help_text="What they are exchanged for, one for one; of the same venue.")

    def get_fields(self) -> dict[str, serializers.Field]:
        """And what a cart says of tickets and of itself, but for what stands for other lines."""
        of_cart = {
            name: field for name, field in line_fields.for_carts().items() if name not in line_fields.fields_of_lines()
        }
        return {**super().get_fields(), **line_fields.for_lines(), **of_cart}

    def validate_tickets(self, tickets: list[Any]) -> list[Any]:
        if len(set(tickets)) < len(tickets):
            raise serializers.ValidationError(gettext("Name each ticket once."))
        return tickets

    def wanted(self) -> Wanted:
        given = self.validated_data
        asks = line_fields.asked_of_line(TicketType.sellable_type, given)
        return Wanted(given["ticket_type"], asks, line_fields.asked_of_cart(given))


class TicketExchangeSerializer(ModelSerializer):
    """An exchange; `is_buyer` in its context says whether the buyer reads it, or staff, for whom no code is meant."""

    old_order = serializers.UUIDField(source="old_order_id")
    new_order = serializers.UUIDField(source="new_order_id", help_text="Pay it, and the exchange is done.")
    access_code = serializers.SerializerMethodField(help_text="A guest's: it opens the new order. Null for staff.")
    tickets: serializers.PrimaryKeyRelatedField[Any] = serializers.PrimaryKeyRelatedField(many=True, read_only=True)
    currency = serializers.CharField(source="new_order.currency")
    to_pay = serializers.IntegerField(source="new_order.amount_total", help_text="What the new tickets cost.")
    goes_back = serializers.SerializerMethodField(help_text="What of the old ones goes back once that is paid.")
    kept = serializers.SerializerMethodField(help_text="What of the old ones is kept.")
    difference = serializers.SerializerMethodField(help_text="`to_pay` less `goes_back`; below 0 the buyer gets more.")
    expires_at = serializers.DateTimeField(source="new_order.expires_at", allow_null=True)

    class Meta:
        model = TicketExchange
        fields = [
            "id", "status", "old_order", "new_order", "access_code", "tickets", "currency", "to_pay", "goes_back",
            "kept", "difference", "expires_at", "created_at",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_access_code(self, row: TicketExchange) -> str | None:
        is_guests = self.context.get("is_buyer", False) and row.new_order.user_id is None
        return access.code_for(row.new_order) if is_guests else None

    def get_goes_back(self, row: TicketExchange) -> int:
        return row.refund.amount if row.refund else row.expected_back

    def get_kept(self, row: TicketExchange) -> int:
        return row.refund.kept if row.refund else row.expected_kept

    def get_difference(self, row: TicketExchange) -> int:
        return row.new_order.amount_total - self.get_goes_back(row)
