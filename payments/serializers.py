"""How payments look from outside."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from payments.models import Payment
from trufan.lib.serializing import ModelSerializer

SUCCEEDED = {
    "id": "01938d2e-6f1c-7c2a-9d4e-2b6f0a1c3e5d",
    "status": "succeeded",
    "held": False,
    "amount": 11550,
    "currency": "USD",
}
RECORDED = {
    **SUCCEEDED,
    "amount_refunded": 0,
    "amount_disputed": 0,
    "reference": "7K3M9QX2AB",
    "payable": {"type": "order", "id": "01938d2e-5a0b-7d11-8f2c-91c4e7b0d6aa"},
    "venue": "01938d2d-11aa-7b3c-a1b2-c3d4e5f60718",
    "created_at": "2026-11-22T20:15:04Z",
    "settled_at": "2026-11-22T20:15:05Z",
}
CONFIRMATION = {"client_secret": "pi_sandbox_01938d2e6f1c_secret_Qm9", "outcome": "succeed"}


class FailureSerializer(serializers.Serializer):
    """Why the provider did not take the money."""

    code = serializers.CharField(source="failure_code", help_text="Stable: card_declined, insufficient_funds, …")
    message = serializers.CharField(source="failure_message", help_text="For the payer to read.")


class TellsFailure(serializers.Serializer):
    """`failure` is there exactly when something failed."""

    held = serializers.BooleanField(
        source="is_held",
        read_only=True,
        help_text="The provider has another amount than was asked for; the venue decides what becomes of it.",
    )
    failure = FailureSerializer(source="*", required=False, help_text="Only after a failure.")

    def to_representation(self, instance: Payment) -> dict[str, Any]:
        shown = super().to_representation(instance)
        if not instance.failure_code:
            del shown["failure"]
        return shown


class PaymentSerializer(TellsFailure, ModelSerializer):
    """A payment as its payer sees it: what to do next, or that all is done."""

    client_secret = serializers.CharField(
        required=False, help_text="Only while the payer has a step to take, or may try another card."
    )

    class Meta:
        model = Payment
        fields = ["id", "status", "held", "amount", "currency", "client_secret", "failure"]
        read_only_fields = ["id", "status", "amount", "currency"]
        extra_kwargs = {"amount": {"help_text": "In minor units of the currency."}}

    def to_representation(self, instance: Payment) -> dict[str, Any]:
        shown = super().to_representation(instance)
        may_try_again = instance.status == Payment.Status.FAILED and instance.is_live
        if instance.status != Payment.Status.REQUIRES_ACTION and not may_try_again:
            del shown["client_secret"]
        return shown


class PayableReferenceSerializer(serializers.Serializer):
    """What was paid for."""

    type = serializers.CharField(source="payable_type")
    id = serializers.UUIDField(source="payable_id")


class PaymentRecordSerializer(TellsFailure, ModelSerializer):
    """A payment in the books: for its payer and for the venue's staff; nothing to pay with."""

    payable = PayableReferenceSerializer(source="*")
    venue = serializers.UUIDField(source="venue_id")

    class Meta:
        model = Payment
        fields = [
            "id", "status", "held", "amount", "amount_refunded", "amount_disputed", "currency", "reference", "payable",
            "venue",
            "created_at", "settled_at", "failure",
        ]  # fmt: skip
        read_only_fields = [name for name in fields if name != "failure"]


class ConfirmSerializer(serializers.Serializer):
    """The payer's second step, played."""

    client_secret = serializers.CharField(max_length=200)
    outcome = serializers.ChoiceField(choices=["succeed", "fail"], default="succeed")


class ReceivedSerializer(serializers.Serializer):
    """A webhook was kept."""

    received = serializers.BooleanField()
