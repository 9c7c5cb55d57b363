"""Where a mail provider tells us what became of mails."""

from __future__ import annotations

from typing import Any

import structlog
from anymail.exceptions import AnymailConfigurationError, AnymailWebhookValidationFailure
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.module_loading import import_string
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from notifications.errors import NotTheProvider, UnreadableReport
from notifications.mail import providers, tracking
from notifications.mail.serializers import HeardSerializer
from trufan.lib.errors import Missing
from trufan.lib.schema import documented

logger = structlog.get_logger(__name__)


class MailReportView(APIView):
    """Anymail's own view proves who speaks and reads the provider's format; what it says is ours to judge."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    @documented(
        "Receive a mail provider's reports",
        permission="The provider itself: HTTP basic authentication with one of `EMAIL_WEBHOOK_SECRETS`, and the "
        "provider's own signature where it has one.",
        description="What became of mails: delivered, bounced, called spam. In the provider's own format, in any "
        "order, any number of times. Served for the provider in use only.",
        request={"application/json": {"type": "object"}},
        response=HeardSerializer,
        errors=[NotTheProvider, UnreadableReport, Missing],
        request_example={
            "RecordType": "Bounce",
            "Type": "HardBounce",
            "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483",
            "Email": "john@example.com",
        },
        response_example={"received": 1},
        operation_id="webhooks_email",
    )
    def post(self, request: Request, provider: str) -> Response:
        events = _events(provider, request._request)
        now = timezone.now()
        for event in events:
            tracking.record(event, now)
        return Response({"received": len(events)})

    def head(self, request: Request, provider: str) -> Response:
        """Some providers look whether anybody is there before they believe the address."""
        _served(provider)
        return Response()


def _events(provider: str, request: HttpRequest) -> list[Any]:
    """Raises `Missing`, `NotTheProvider` or `UnreadableReport`."""
    view = _served(provider)()
    try:
        view.run_validators(request)
    except AnymailWebhookValidationFailure as refused:
        logger.warning("mail.report_refused", provider=provider)
        raise NotTheProvider from refused
    try:
        events: list[Any] = view.parse_events(request)
    except (ValueError, LookupError, TypeError, AttributeError, AssertionError, AnymailConfigurationError) as unread:
        logger.warning("mail.report_unreadable", provider=provider, error=type(unread).__name__)
        raise UnreadableReport from unread
    # Mandrill reports mails that came in by the same address; we receive none.
    return [event for event in events if hasattr(event, "reject_reason")]


def _served(provider: str) -> Any:
    """Anymail's view. Without a secret nobody is believed, so nobody is served."""
    secrets = settings.ANYMAIL.get("WEBHOOK_SECRET")
    if provider != settings.EMAIL_PROVIDER or not providers.has_webhook(provider) or not secrets:
        raise Missing
    return import_string(providers.webhook(provider))
