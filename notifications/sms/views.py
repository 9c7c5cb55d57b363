"""Where Twilio speaks to us: what became of our messages, and what people write. Proven by its signature."""

from __future__ import annotations

from typing import Any

import structlog
from django.conf import settings
from django.http import HttpResponse, QueryDict
from django.utils import timezone
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from twilio.twiml.messaging_response import MessagingResponse

from notifications.sms import inbound, statuses, twilio
from trufan.lib.errors import Forbidden, Missing, Unavailable
from trufan.lib.schema import documented
from trufan.lib.words import lazy as _

_TWILIO = (
    "Twilio itself: the header `X-Twilio-Signature` signs this address and the whole form with the account's token."
)
_FORM = "application/x-www-form-urlencoded"
log = structlog.get_logger(__name__)


class NotTwilio(Forbidden):
    """Whoever sent this does not have the account's token, or speaks to another address than `PUBLIC_URL`."""

    code, message = "bad_provider_signature", _("This was not signed by the provider.")


class TwilioView(APIView):
    """A form of Twilio's, read only once its signature is checked."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    def signed_form(self, request: Request) -> QueryDict:
        """What was sent. Raises `Missing` where there is no Twilio account, `NotTwilio`.

        Checked for the public address, whatever the proxies in between made of it.
        """
        if not (settings.TWILIO_ACCOUNT_SID and settings.TWILIO_AUTH_TOKEN):
            raise Missing
        form = QueryDict(request.body, encoding="utf-8")
        url = f"{settings.PUBLIC_URL}{request.get_full_path()}"
        if not twilio.is_signed(url, form, request.headers.get("X-Twilio-Signature", "")):
            log.warning("sms.bad_signature", path=request.path)
            raise NotTwilio
        return form


class TwilioStatusView(TwilioView):
    """What became of a message."""

    @documented(
        "Receive the state of a short message",
        permission=_TWILIO,
        description="Late and repeated news changes nothing, nor does news of a message that is not ours. Not served "
        "without a Twilio account.",
        request={_FORM: {"type": "object"}},
        status=204,
        errors=[NotTwilio, Missing],
        request_example={"MessageSid": "SM0123456789abcdef0123456789abcdef", "MessageStatus": "delivered"},
    )
    def post(self, request: Request) -> Response:
        form = self.signed_form(request)
        statuses.hear(form, request.query_params.get("notification", ""), timezone.now())
        return Response(status=204)


class TwilioInboundView(TwilioView):
    """What somebody wrote to a number of ours."""

    @documented(
        "Receive a short message",
        permission=_TWILIO,
        description="Kept once by its `MessageSid`, done once, and answered by TwiML; delivered again it gets the same "
        "answer. Not served without a Twilio account.",
        request={_FORM: {"type": "object"}},
        errors=[NotTwilio, Missing, Unavailable],
        request_example={
            "MessageSid": "SM0123456789abcdef0123456789abcdef",
            "From": "+12125550123",
            "To": "+12125550100",
            "Body": "EXTEND 1H",
        },
        media_type="application/xml",
    )
    def post(self, request: Request) -> HttpResponse:
        form = self.signed_form(request)
        answer, said = MessagingResponse(), inbound.receive(form, timezone.now())
        if said:
            answer.message(said)
        return HttpResponse(str(answer), content_type="application/xml")
