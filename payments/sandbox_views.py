"""The sandbox's own form for recipients, as an endpoint."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from payments import sandbox_recipient
from payments.models import ConnectedAccount
from trufan.lib.errors import Missing
from trufan.lib.schema import documented
from trufan.lib.serializing import ModelSerializer


class CompleteSerializer(serializers.Serializer):
    """What the recipient fills in: with the sandbox, only how it ends."""

    secret = serializers.CharField(max_length=200, help_text="From the onboarding link.")
    outcome = serializers.ChoiceField(choices=["ready", "restricted", "disabled"], default="ready")


class RecipientSerializer(ModelSerializer):
    """A recipient of shares."""

    class Meta:
        model = ConnectedAccount
        fields = ["id", "name", "status", "requirements"]
        read_only_fields = fields


class SandboxAccountView(APIView):
    """What a recipient does on the provider's own pages."""

    permission_classes = [AllowAny]

    @documented(
        "Play the recipient's onboarding",
        permission="Whoever holds the onboarding link's secret. Not served in production.",
        description="Completes the sandbox's form; what the recipient is owed is then sent. Doing it again changes "
        "how the account stands.",
        request=CompleteSerializer,
        response=RecipientSerializer,
        errors=[Missing],
        request_example={"secret": "Qm9vdHN0cmFwIHRoZSBzYW5kYm94", "outcome": "ready"},
        response_example={
            "id": "01938d2e-6f1c-7c2a-9d4e-2b6f0a1c3e5d",
            "name": "Garden Arena",
            "status": "ready",
            "requirements": [],
        },
    )
    def post(self, request: Request, pk: UUID) -> Response:
        asked = CompleteSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        account = sandbox_recipient.complete(pk, **asked.validated_data, now=timezone.now())
        return Response(RecipientSerializer(account).data)
