"""Receipts as an order shows them."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from rest_framework import serializers

from orders.models import Order, Receipt
from orders.receipts import links
from trufan.lib.serializing import ModelSerializer


class ReceiptSerializer(ModelSerializer):
    """One paper. The links open it in a browser, without a sign-in, for thirty days."""

    number = serializers.CharField(source="label", help_text="As it is printed: 000042.")
    amends = serializers.CharField(source="amends.label", default=None, allow_null=True, help_text="Which receipt.")
    url = serializers.SerializerMethodField(help_text="The page.")
    pdf_url = serializers.SerializerMethodField()

    class Meta:
        model = Receipt
        fields = ["number", "kind", "amount", "amends", "issued_at", "url", "pdf_url"]
        read_only_fields = fields

    def get_url(self, receipt: Receipt) -> str:
        return self._link(receipt, pdf=False)

    def get_pdf_url(self, receipt: Receipt) -> str:
        return self._link(receipt, pdf=True)

    def _link(self, receipt: Receipt, *, pdf: bool) -> str:
        # An order shows none but its own.
        return links.url_of(cast(UUID, receipt.order_id), receipt.number, pdf=pdf)


def shown_receipts(order: Order) -> Any:
    """The order's papers by number, in one query."""
    return Receipt.objects.filter(order=order).select_related("amends").order_by("number")
