"""The money of stays as the API reads and shows it. Amounts are integers in minor units of `currency`."""

from __future__ import annotations

from typing import Any, NamedTuple

from rest_framework import serializers

from orders.serializers import PaySerializer, TaxLineSerializer
from parking.booking.serializers import PricePartSerializer
from parking.stays import papers
from parking.stays.billing import Bill
from parking.stays.models import ParkingCharge, ParkingSession
from payments.models import Payment
from payments.serializers import FailureSerializer, PaymentSerializer
from trufan.lib.money import MAX_AMOUNT
from trufan.lib.serializing import ModelSerializer

NOTHING_DUE = "nothing_due"
PAID_STATUSES = [*Payment.Status.choices, (NOTHING_DUE, "nothing due")]


class PayStaySerializer(PaySerializer):
    promo_code = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=40, help_text="Of an outlet that pays a part."
    )


class ExtendSerializer(PaySerializer):
    until = serializers.DateTimeField(help_text="Later than what is paid for.")


class UntilSerializer(serializers.Serializer):
    until = serializers.DateTimeField(required=False, help_text="What staying until then would cost.")


class ValidateSerializer(serializers.Serializer):
    promo_code = serializers.CharField(max_length=40)


class SetPriceSerializer(serializers.Serializer):
    price = serializers.IntegerField(
        min_value=0,
        max_value=MAX_AMOUNT,
        allow_null=True,
        help_text="What the stay costs in all, before fee and tax; null: what the tariff says.",
    )
    reason = serializers.CharField(max_length=200)


class LostTicketSerializer(serializers.Serializer):
    price = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        min_value=0,
        max_value=MAX_AMOUNT,
        help_text="What the stay costs in all; left out: at least the lot's price for a lost ticket.",
    )
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)


class RefundChargeSerializer(serializers.Serializer):
    amount = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        min_value=1,
        max_value=MAX_AMOUNT,
        help_text="Left out: all that is left.",
    )
    reason = serializers.CharField(max_length=200, help_text="Kept with the refund.")


class DueSerializer(serializers.Serializer):
    """What is to be paid now; nothing while the grace to leave after paying lasts."""

    amount = serializers.IntegerField(source="total", help_text="What the driver pays, with fee and tax.")
    currency = serializers.SerializerMethodField()
    kind = serializers.ChoiceField(source="due.kind", choices=ParkingCharge.Kind.choices)
    covers_until = serializers.DateTimeField(source="due.covers_until", help_text="Up to when it pays.")
    price = serializers.IntegerField(source="due.amount", help_text="By the tariff; `parts` add up to it.")
    discount = serializers.IntegerField(source="amounts.discount", help_text="What a validation pays.")
    promo_code = serializers.CharField()
    fee = serializers.IntegerField(source="amounts.fee")
    tax = serializers.IntegerField(source="amounts.tax")
    parts = PricePartSerializer(source="due.parts", many=True)
    price_in_all = serializers.IntegerField(source="due.price", help_text="What the stay costs by the tariff so far.")
    paid = serializers.IntegerField(source="due.paid", help_text="What of that was paid before.")
    expires_at = serializers.SerializerMethodField(help_text="Until when the stay is reserved or prepaid.")
    leave_by = serializers.SerializerMethodField(help_text="Until when the car leaves without paying more.")

    def get_currency(self, bill: Bill) -> str:
        return self.context["session"].currency

    def get_expires_at(self, bill: Bill) -> str | None:
        return _moment(self.context["session"].expires_at)

    def get_leave_by(self, bill: Bill) -> str | None:
        return _moment(self.context["session"].leave_by)


class PaidStay(NamedTuple):
    """A stay after somebody asked to pay; without a payment, nothing was to be paid."""

    session: ParkingSession
    payment: Payment | None


class PaidStaySerializer(serializers.Serializer):
    """The payment, as that of an order, and how the stay stands after it."""

    id = serializers.UUIDField(allow_null=True, help_text="The payment; null where nothing was to be paid.")
    status = serializers.ChoiceField(choices=PAID_STATUSES)
    held = serializers.BooleanField(required=False)
    amount = serializers.IntegerField()
    currency = serializers.CharField()
    client_secret = serializers.CharField(required=False, help_text="Only while the payer has a step to take.")
    failure = FailureSerializer(required=False, help_text="Only after a failure.")
    charge = serializers.UUIDField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    leave_by = serializers.DateTimeField(allow_null=True)

    def to_representation(self, paid: PaidStay) -> dict[str, Any]:
        stay, payment = paid
        nothing = {"id": None, "status": NOTHING_DUE, "amount": 0, "currency": stay.currency}
        return {
            **(nothing if payment is None else PaymentSerializer(payment).data),
            "charge": payment and str(payment.payable_id),
            "expires_at": _moment(stay.expires_at),
            "leave_by": _moment(stay.leave_by),
        }


class ChargeSerializer(ModelSerializer):
    """One amount that a stay, or the change of a reservation, costs."""

    session = serializers.UUIDField(source="session_id", allow_null=True)
    change = serializers.UUIDField(source="change_id", allow_null=True)
    parts = PricePartSerializer(many=True)
    tax_lines = TaxLineSerializer(many=True)
    total = serializers.IntegerField(source="amount_total")
    receipt_url = serializers.SerializerMethodField(
        help_text="Its page, without a sign-in for thirty days; null before it is paid, and where it cost nothing."
    )
    receipt_pdf_url = serializers.SerializerMethodField()

    class Meta:
        model = ParkingCharge
        fields = [
            "id", "number", "session", "change", "kind", "status", "description", "covers_until", "parts", "price",
            "discount", "promo_code", "fee", "net", "tax", "tax_lines", "total", "currency", "amount_paid",
            "amount_refunded", "created_at", "paid_at", "receipt_url", "receipt_pdf_url",
        ]  # fmt: skip
        read_only_fields = fields

    def get_receipt_url(self, charge: ParkingCharge) -> str | None:
        return self._link(charge, pdf=False)

    def get_receipt_pdf_url(self, charge: ParkingCharge) -> str | None:
        return self._link(charge, pdf=True)

    def _link(self, charge: ParkingCharge, *, pdf: bool) -> str | None:
        return papers.url_of(charge.pk, pdf=pdf) if charge.paid_at and charge.amount_total else None


def _moment(value: Any) -> str | None:
    return serializers.DateTimeField().to_representation(value) if value else None
