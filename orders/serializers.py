"""Orders as the API reads and shows them. Amounts are integers in minor units of `currency`."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from phonenumber_field.serializerfields import PhoneNumberField
from rest_framework import serializers

from orders import access, disputing, line_fields
from orders.aftersale.serializers import RatingSerializer, TipSerializer
from orders.aftersale.window import closes_at
from orders.cart import PricedCart, PricedLine, cart_lines
from orders.cart_extras import ExtrasSerializer
from orders.checkout import Contact, item_values
from orders.kitchen.serializers import DeliverySerializer, FulfilmentSerializer, shown_fulfilments
from orders.models import Order, OrderItem
from orders.receipts.serializers import ReceiptSerializer, shown_receipts
from orders.refund_serializers import RefundSerializer, shown_refunds
from orders.sellable import CartLine, sellable_types
from payments import gateways
from payments.models import Payment
from payments.serializers import PaymentRecordSerializer
from trufan.lib.names import NoteField, PersonNameField
from trufan.lib.serializing import ModelSerializer, TakenSerializer

MAX_LINES = 50
#: Picks that one line may name.
MAX_OPTIONS = 50


class KindField(serializers.ChoiceField):
    """Any kind of thing that some app sells; asked when the first field is made, for then all apps are there."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=sellable_types(), **kwargs)


class OptionPickSerializer(TakenSerializer):
    id = serializers.UUIDField(help_text="An option of the product.")
    quantity = serializers.IntegerField(min_value=1, max_value=100, default=1, help_text="How many on each piece.")


class CartLineSerializer(TakenSerializer):
    type = KindField(help_text="What kind of thing: `ticket` or `product`.")
    id = serializers.UUIDField(
        help_text="Which one: for a ticket, the id of its ticket type; for a product, the id of its variant, or its "
        "own where it has only one."
    )
    quantity = serializers.IntegerField(min_value=1, max_value=1000)
    options = OptionPickSerializer(many=True, required=False, max_length=MAX_OPTIONS)  # type: ignore[call-arg]
    note = NoteField(required=False, allow_blank=True, max_length=200, help_text="For who makes it: `no onions`.")

    def get_fields(self) -> dict[str, serializers.Field]:
        return {**super().get_fields(), **line_fields.for_lines()}

    def to_internal_value(self, data: Any) -> tuple[Any, ...]:
        given = super().to_internal_value(data)
        options = tuple((pick["id"], pick["quantity"]) for pick in given.get("options", []))
        asks = line_fields.asked_of_line(given["type"], given)
        return given["type"], given["id"], given["quantity"], options, given.get("note", ""), asks


class CartSerializer(ExtrasSerializer):
    """`{"items": [{"type", "id", "quantity"}, …], "event", "tip", "promo_code", "delivery"}`"""

    # The stubs do not know what `many=True` makes of the class.
    items = CartLineSerializer(
        many=True, required=False, min_length=1, max_length=MAX_LINES,
        help_text="May be left out where another field of the cart stands for lines.",
    )  # type: ignore[call-arg]  # fmt: skip
    #: Whether a cart without lines is refused.
    needs_lines = True

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        given = super().validate(given)
        if self.needs_lines and not any(given.get(name) for name in ("items", *line_fields.fields_of_lines())):
            raise serializers.ValidationError({"items": self.fields["items"].error_messages["required"]}, "required")
        return given

    def lines(self) -> list[CartLine]:
        return cart_lines(self.validated_data.get("items", ()))


class ChangeOrderSerializer(CartSerializer):
    """What is given takes the place of what was; `null` and empty lists take it away."""

    needs_lines = False

    def changes(self) -> dict[str, Any]:
        """What the rule is asked for: all that was given."""
        given = self.validated_data
        return {**({"lines": self.lines()} if "items" in given else {}), **self.extras_given()}


class ContactSerializer(TakenSerializer):
    email = serializers.EmailField(required=False, allow_blank=True, default="")
    phone = PhoneNumberField(required=False, allow_blank=True, default="", help_text="E.164, such as +12125550123.")
    name = PersonNameField(required=False, allow_blank=True, default="", max_length=160)


class PlaceOrderSerializer(CartSerializer):
    """A cart and whom to reach about it. Without an account, e-mail and phone are required."""

    contact = ContactSerializer(required=False)

    def contact_given(self) -> Contact:
        given = self.validated_data.get("contact") or {}
        return Contact(given.get("email", ""), str(given.get("phone", "")), given.get("name", ""))


class DiscountSerializer(serializers.Serializer):
    code = serializers.CharField()
    amount = serializers.IntegerField()


class TaxLineSerializer(serializers.Serializer):
    """What one rate comes to on a line."""

    name = serializers.CharField()
    rate_ppm = serializers.IntegerField(help_text="Millionths: 8.875 % is 88750.")
    inclusive = serializers.BooleanField(help_text="The price contains it already.")
    amount = serializers.IntegerField()
    net = serializers.IntegerField(help_text="What of the line's net it is on.")


class ChosenOptionSerializer(serializers.Serializer):
    """An option as the line keeps it."""

    id = serializers.UUIDField()
    group = serializers.CharField()
    name = serializers.CharField()
    quantity = serializers.IntegerField(help_text="How many on each piece.")
    price_delta = serializers.IntegerField(help_text="What one pick changes the price by; `unit_price` has it in it.")


class OrderItemSerializer(ModelSerializer):
    type = serializers.CharField(source="item_type", help_text="`ticket` or `product`.")
    options = ChosenOptionSerializer(source="chosen", many=True)
    note = serializers.CharField()
    discounts = DiscountSerializer(many=True)
    tax_lines = TaxLineSerializer(many=True)

    class Meta:
        model = OrderItem
        fields = [
            "id", "type", "item_id", "description", "options", "note", "quantity", "unit_price", "discount",
            "discounts", "fee", "service_charge", "net", "tax", "tax_lines", "total", "quantity_refunded", "status",
        ]  # fmt: skip
        read_only_fields = fields

    def get_fields(self) -> dict[str, serializers.Field]:
        return {**super().get_fields(), **line_fields.shown("options")}


class OrderSummarySerializer(ModelSerializer):
    """An order as it stands in a list."""

    total = serializers.IntegerField(source="amount_total")
    items = OrderItemSerializer(many=True, source="all_lines")
    venue = serializers.UUIDField(source="venue_id")
    promo_codes = serializers.SerializerMethodField(help_text="What each code took off all lines.")
    delivery = serializers.SerializerMethodField()
    event = serializers.UUIDField(source="event_id", allow_null=True, help_text="What it was bought for.")

    class Meta:
        model = Order
        fields = [
            "id", "number", "status", "channel", "venue", "event", "currency", "items", "subtotal", "discount", "tax",
            "fees", "service_charge", "tip", "total", "promo_codes", "delivery", "amount_paid", "amount_refunded",
            "amount_disputed", "created_at", "expires_at", "paid_at",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(DeliverySerializer(allow_null=True))
    def get_delivery(self, order: Order) -> dict[str, Any] | None:
        return order.delivery or None

    @extend_schema_field(DiscountSerializer(many=True))
    def get_promo_codes(self, order: Order) -> list[dict[str, Any]]:
        return [{"code": code, "amount": amount} for code, amount in order.discount_by_code.items()]


class OrderSerializer(OrderSummarySerializer):
    """An order with whom to reach about it and every attempt to pay it (`client_secret`s are only in pay's answer)."""

    contact = serializers.SerializerMethodField()
    payments = serializers.SerializerMethodField()
    refunds = serializers.SerializerMethodField()
    dispute = serializers.SerializerMethodField(
        help_text="Whether the payer's bank holds the money (`open`), gave it back (`won`) or took it (`lost`)."
    )
    fulfilments = serializers.SerializerMethodField()
    receipts = serializers.SerializerMethodField(help_text="Numbered once it is paid; what is due is still to come.")
    tips = serializers.SerializerMethodField(help_text="Those that came after the sale.")
    ratings = serializers.SerializerMethodField()
    tip_until = serializers.SerializerMethodField(help_text="Until then tips and ratings are taken.")

    class Meta(OrderSummarySerializer.Meta):
        fields = [
            *OrderSummarySerializer.Meta.fields, "contact", "payments", "refunds", "dispute", "fulfilments", "receipts",
            "tips", "ratings", "tip_until",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(ContactSerializer)
    def get_contact(self, order: Order) -> dict[str, str]:
        return {"email": order.contact_email, "phone": str(order.contact_phone), "name": order.contact_name}

    @extend_schema_field(PaymentRecordSerializer(many=True))
    def get_payments(self, order: Order) -> Any:
        return PaymentRecordSerializer(Payment.objects.of(order).order_by("created_at"), many=True).data

    @extend_schema_field(RefundSerializer(many=True))
    def get_refunds(self, order: Order) -> Any:
        return RefundSerializer(shown_refunds(order), many=True).data

    @extend_schema_field(serializers.ChoiceField(choices=disputing.SHOWN, allow_null=True))
    def get_dispute(self, order: Order) -> str | None:
        return disputing.shown(order)

    @extend_schema_field(FulfilmentSerializer(many=True))
    def get_fulfilments(self, order: Order) -> Any:
        """What each outlet owes the buyer; empty until the order is paid."""
        return FulfilmentSerializer(shown_fulfilments(order), many=True).data

    @extend_schema_field(ReceiptSerializer(many=True))
    def get_receipts(self, order: Order) -> Any:
        return ReceiptSerializer(shown_receipts(order), many=True).data

    @extend_schema_field(TipSerializer(many=True))
    def get_tips(self, order: Order) -> Any:
        return TipSerializer(order.tips.all(), many=True).data

    @extend_schema_field(RatingSerializer(many=True))
    def get_ratings(self, order: Order) -> Any:
        return RatingSerializer(order.ratings.all(), many=True).data

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_tip_until(self, order: Order) -> Any:
        closes = closes_at(order)
        return closes and serializers.DateTimeField().to_representation(closes)


class PlacedOrderSerializer(OrderSummarySerializer):
    """The answer to placing an order. A guest's carries the `access_code` that opens it from now on."""

    access_code = serializers.SerializerMethodField()

    class Meta(OrderSummarySerializer.Meta):
        fields = [*OrderSummarySerializer.Meta.fields, "access_code"]
        read_only_fields = fields

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_access_code(self, order: Order) -> str | None:
        return None if order.user_id else access.code_for(order)


class PreviewLineSerializer(serializers.Serializer):
    """A `PricedLine`."""

    type = serializers.CharField(source="line.type")
    item_id = serializers.UUIDField(source="line.id")
    description = serializers.CharField(source="offer.description")
    options = ChosenOptionSerializer(source="offer.options", many=True)
    note = serializers.CharField(source="line.note")
    quantity = serializers.IntegerField(source="line.quantity")
    unit_price = serializers.IntegerField(source="offer.unit_price")
    discount = serializers.IntegerField(source="amounts.discount")
    discounts = serializers.SerializerMethodField()
    fee = serializers.IntegerField(source="amounts.fee")
    service_charge = serializers.IntegerField(source="amounts.service_charge")
    net = serializers.IntegerField(source="amounts.net")
    tax = serializers.IntegerField(source="amounts.tax")
    tax_lines = serializers.SerializerMethodField()
    total = serializers.IntegerField(source="amounts.total")

    def get_fields(self) -> dict[str, serializers.Field]:
        return {**super().get_fields(), **line_fields.shown("offer.keeps")}

    @extend_schema_field(DiscountSerializer(many=True))
    def get_discounts(self, priced: PricedLine) -> Any:
        return item_values(0, priced)["discounts"]

    @extend_schema_field(TaxLineSerializer(many=True))
    def get_tax_lines(self, priced: PricedLine) -> Any:
        return item_values(0, priced)["tax_lines"]


class PreviewSerializer(serializers.Serializer):
    """What a cart would cost now: a `PricedCart`."""

    venue = serializers.UUIDField(source="venue.pk")
    event = serializers.UUIDField(source="event_id", allow_null=True)
    currency = serializers.CharField(source="venue.currency")
    items = PreviewLineSerializer(many=True, source="lines")
    subtotal = serializers.IntegerField(source="amounts.subtotal")
    discount = serializers.IntegerField(source="amounts.discount")
    tax = serializers.IntegerField(source="amounts.tax")
    fees = serializers.IntegerField(source="amounts.fees")
    service_charge = serializers.IntegerField(source="amounts.service_charge")
    tip = serializers.IntegerField(source="amounts.tip")
    total = serializers.IntegerField(source="amounts.total")
    promo_codes = serializers.SerializerMethodField()

    @extend_schema_field(DiscountSerializer(many=True))
    def get_promo_codes(self, cart: PricedCart) -> list[dict[str, Any]]:
        return [{"code": each.promo.code, "amount": each.discount} for each in cart.codes]


def _default_method() -> str:
    return gateways.current().default_method


class PaySerializer(serializers.Serializer):
    payment_method = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=80,
        default=_default_method,
        help_text="Empty, or with Stripe left out: the buyer chooses in the browser, with the `client_secret` that "
        "comes back. The sandbox takes Stripe's test payment methods by name, and `pm_card_visa` where it is left out.",
    )
