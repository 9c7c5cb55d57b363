"""The API face of rotating codes, for who holds the ticket: parse, call, serialize."""

from __future__ import annotations

import base64
from uuid import UUID

from django.utils import timezone
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from events.rotation_policy import policy_of
from orders.views import ACCESS_CODE
from ticketing.errors import TicketRefunded
from ticketing.permissions import shown_ticket
from ticketing.rotation import texts, totp
from ticketing.rotation.errors import CodeIsStatic
from ticketing.rotation.examples import ROTATING_CODE
from ticketing.rotation.serializers import RotatingCodeSerializer
from ticketing.views import HOLDER
from trufan.lib.errors import Missing
from trufan.lib.schema import documented


class RotatingCodeView(APIView):
    """What a device needs to make a ticket's codes without a network."""

    permission_classes = [AllowAny]

    @documented(
        "Get a ticket's rotating code",
        permission=HOLDER,
        description="For tickets whose `rotates` is true. Ask once and keep it safe: with the secret a device makes "
        "the code of every moment without a network. A new secret is there after the ticket changed hands or the "
        "venue gave the door a new key; ask again whenever the app is opened with a network. "
        "The chapter “Rotating codes” of docs/door.md has every byte.",
        response=RotatingCodeSerializer,
        errors=[Missing, TicketRefunded, CodeIsStatic],
        response_example=ROTATING_CODE,
        parameters=[ACCESS_CODE],
    )
    def get(self, request: Request, ticket_id: UUID) -> Response:
        ticket = shown_ticket(request, ticket_id)
        if not policy_of(ticket.event).rotates:
            raise CodeIsStatic
        device = texts.device(ticket)
        given = {
            "secret": base64.b32encode(device.secret).decode().rstrip("="),
            "algorithm": totp.ALGORITHM.upper(),
            "digits": totp.DIGITS,
            "period": totp.PERIOD,
            "static": device.static,
            "door_key_version": device.door_key_version,
            "code_version": ticket.code_version,
            "server_time": timezone.now(),
        }
        return Response(RotatingCodeSerializer(given).data, headers={"Cache-Control": "private, no-store"})
