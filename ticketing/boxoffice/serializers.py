"""The box office as the API reads and shows it. Amounts are integers in minor units of `currency`."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from events.rotation_policy import policy_of
from orders.cart import cart_lines
from orders.cart_extras import MAX_CODES
from orders.checkout import Contact
from orders.receipts import links
from orders.sellable import CartLine
from orders.serializers import MAX_LINES, CartLineSerializer, ContactSerializer
from ticketing import codes
from ticketing.boxoffice.models import Comp, DoorSale, HouseHold
from ticketing.boxoffice.selling import Choice, Taken
from ticketing.models import Ticket
from ticketing.pricing.bundling import FIELD
from ticketing.pricing.fields import MAX_BUNDLES, CartBundleSerializer
from ticketing.seats.choosing import BEST, SEATS
from ticketing.serializers import MAX_PER_ORDER, MAX_QUANTITY, TicketTypeNameSerializer
from ticketing.slots.counting import KEY
from ticketing.slots.serializers import SlotKeyField
from trufan.lib.money import MAX_AMOUNT
from trufan.lib.names import PersonNameField
from trufan.lib.serializing import ModelSerializer


class HouseHoldSerializer(ModelSerializer):
    """Tickets that are kept back."""

    ticket_type = TicketTypeNameSerializer()
    left = serializers.IntegerField(help_text="How many it still keeps.")

    class Meta:
        model = HouseHold
        fields = [
            "id", "ticket_type", "label", "note", "quantity", "released", "given", "left", "released_at", "created_at",
        ]  # fmt: skip
        read_only_fields = fields


class KeepSerializer(serializers.Serializer):
    """What to keep back."""

    ticket_type = serializers.UUIDField()
    quantity = serializers.IntegerField(min_value=1, max_value=MAX_QUANTITY)
    label = serializers.CharField(max_length=80, help_text="For whom: `Artist guests`. Don't name people here.")  # type: ignore[assignment]
    note = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class ReleaseSerializer(serializers.Serializer):
    """How many to let go; all that it keeps when left out."""

    quantity = serializers.IntegerField(min_value=1, max_value=MAX_QUANTITY, required=False, allow_null=True)


class GiveSerializer(serializers.Serializer):
    """What to give away, and to whom."""

    ticket_type = serializers.UUIDField()
    quantity = serializers.IntegerField(min_value=1, max_value=MAX_PER_ORDER)
    name = PersonNameField(max_length=160)
    email = serializers.EmailField()
    language = serializers.ChoiceField(
        choices=[code for code, _ in settings.LANGUAGES], required=False, help_text="Of what is sent to them."
    )
    reason = serializers.CharField(max_length=200, help_text="Kept in the books. Don't name people here.")
    house_hold = serializers.UUIDField(
        required=False, allow_null=True, help_text="Give out of this hold; left out: of what is on sale."
    )
    slot = SlotKeyField(required=False, help_text="The entry slot, where the type asks for one.")

    def get_fields(self) -> dict[str, serializers.Field]:
        return {**super().get_fields(), SEATS.name: SEATS.make(), BEST.name: BEST.make()}

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """With what is said of the tickets, as a cart's line says it, as `asks`."""
        asks = {name: given.pop(name) for name in (KEY, SEATS.name, BEST.name) if name in given}
        return {**given, "asks": asks}


class CounterTicketSerializer(ModelSerializer):
    """A ticket as the counter hands it out."""

    ticket_type = TicketTypeNameSerializer()
    code = serializers.SerializerMethodField(
        help_text="What its QR code says; null once it was refunded, and where codes rotate."
    )

    class Meta:
        model = Ticket
        fields = ["id", "number", "code", "status", "ticket_type", "seat"]
        read_only_fields = fields

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_code(self, ticket: Ticket) -> str | None:
        shows = ticket.status != Ticket.Status.REFUNDED and not policy_of(ticket.event).rotates
        return codes.sign(ticket) if shows else None


class CompSerializer(ModelSerializer):
    """Tickets that were given away."""

    order = serializers.UUIDField(source="order_id")
    number = serializers.CharField(source="order.number")
    status = serializers.CharField(source="order.status", help_text="Of its order: `refunded` once all went back.")
    name = serializers.CharField(source="order.contact_name")
    email = serializers.CharField(source="order.contact_email")
    quantity = serializers.SerializerMethodField()
    description = serializers.SerializerMethodField()
    house_hold = serializers.UUIDField(source="house_hold_id", allow_null=True)
    given_by = serializers.CharField(source="given_by.full_name")

    class Meta:
        model = Comp
        fields = [
            "id", "order", "number", "status", "name", "email", "quantity", "description", "house_hold", "reason",
            "given_by", "created_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_quantity(self, comp: Comp) -> int:
        return sum(item.quantity for item in comp.order.all_lines())

    def get_description(self, comp: Comp) -> str:
        return ", ".join(item.description for item in comp.order.all_lines())


class CounterCartSerializer(serializers.Serializer):
    """What somebody at the counter wants: tickets for the event, singly or in bundles."""

    items = CartLineSerializer(many=True, required=False, min_length=1, max_length=MAX_LINES)  # type: ignore[call-arg]
    promo_codes = serializers.ListField(
        child=serializers.CharField(max_length=60), required=False, max_length=MAX_CODES, default=list
    )

    def get_fields(self) -> dict[str, serializers.Field]:
        return {**super().get_fields(), FIELD: CartBundleSerializer(many=True, required=False, max_length=MAX_BUNDLES)}  # type: ignore[call-arg]

    def lines(self) -> list[CartLine]:
        return cart_lines(self.validated_data.get("items", ()))

    def choice(self) -> Choice:
        given = self.validated_data
        return Choice(given.get(FIELD, ()), tuple(given["promo_codes"]))


class SellSerializer(CounterCartSerializer):
    """The same, and how it was paid."""

    method = serializers.ChoiceField(choices=DoorSale.Method.choices)
    tendered = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=0,
        max_value=MAX_AMOUNT,
        help_text="Cash that the buyer hands over, in minor units; left out: the exact sum.",
    )
    terminal_reference = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=60, help_text="What the card terminal printed."
    )
    contact = ContactSerializer(required=False, help_text="Where to send the tickets, if the buyer wants that.")

    def taken(self) -> Taken:
        given = self.validated_data
        return Taken(given["method"], given.get("tendered"), given["terminal_reference"])

    def contact_given(self) -> Contact:
        given = self.validated_data.get("contact") or {}
        return Contact(given.get("email", ""), str(given.get("phone", "")), given.get("name", ""))


class DoorSaleSerializer(ModelSerializer):
    """A sale over the counter, with what to hand out."""

    order = serializers.UUIDField(source="order_id")
    number = serializers.CharField(source="order.number")
    status = serializers.CharField(source="order.status")
    event = serializers.UUIDField(source="order.event_id")
    currency = serializers.CharField(source="order.currency")
    total = serializers.IntegerField(source="order.amount_total")
    amount_refunded = serializers.IntegerField(source="order.amount_refunded")
    change = serializers.IntegerField(help_text="What the buyer gets back of what they tendered.")
    sold_by = serializers.CharField(source="sold_by.full_name")
    tickets = serializers.SerializerMethodField()
    tickets_pdf_url = serializers.SerializerMethodField(help_text="For staff: all valid ones, a page each.")
    receipt_url = serializers.SerializerMethodField(help_text="For the buyer; null where nothing was paid.")

    class Meta:
        model = DoorSale
        fields = [
            "id", "order", "number", "status", "event", "currency", "total", "amount_refunded", "method", "tendered",
            "change", "terminal_reference", "sold_by", "tickets", "tickets_pdf_url", "receipt_url", "created_at",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(CounterTicketSerializer(many=True))
    def get_tickets(self, sale: DoorSale) -> Any:
        tickets = sorted(sale.order.tickets.all(), key=lambda ticket: (ticket.order_item_id, ticket.ordinal))
        return CounterTicketSerializer(tickets, many=True).data

    @extend_schema_field(serializers.URLField())
    def get_tickets_pdf_url(self, sale: DoorSale) -> str:
        return settings.PUBLIC_URL + reverse("door-sale-tickets", args=[sale.pk])

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_receipt_url(self, sale: DoorSale) -> str | None:
        return None if sale.order.is_free else links.url_of(sale.order_id)


class DrawerSerializer(serializers.Serializer):
    """One person's day by one method."""

    seller_id = serializers.UUIDField(allow_null=True)
    seller = serializers.CharField()
    method = serializers.ChoiceField(choices=DoorSale.Method.choices)
    sales = serializers.IntegerField()
    amount = serializers.IntegerField(help_text="What they took.")
    refunds = serializers.IntegerField()
    refunded = serializers.IntegerField(help_text="What they paid back.")
    net = serializers.IntegerField(help_text="What should be in the drawer of it.")


class TotalsSerializer(serializers.Serializer):
    """By method, refunds taken off."""

    cash = serializers.IntegerField()
    card_terminal = serializers.IntegerField()


class SummarySerializer(serializers.Serializer):
    """A day at the box office."""

    day = serializers.DateField()
    currency = serializers.CharField()
    drawers = DrawerSerializer(many=True)
    totals = TotalsSerializer()


class DaySerializer(serializers.Serializer):
    """Which day, by the venue's clocks."""

    day = serializers.DateField(required=False)
