"""The API face of tickets to hold: PDF, calendar, and passes for phones' wallets."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from orders.permissions import own_order
from orders.views import ACCESS_CODE, BUYER
from ticketing.errors import TicketRefunded
from ticketing.papers import apple, calendar, google, tickets
from ticketing.papers.errors import CodeRotates, NotConfigured, NothingToHold
from ticketing.papers.holding import for_a_wallet, keepable
from ticketing.permissions import shown_ticket
from trufan.lib.errors import Invalid, Missing
from trufan.lib.flags import SwitchedOff
from trufan.lib.schema import documented
from trufan.lib.words import lazy as _

HOLDER = "The ticket's holder: signed in, or a guest with the order's access code."
SIZE = OpenApiParameter("size", str, enum=list(tickets.SIZES), description="Of a page: `a4`, or as a phone's screen.")


class WalletLinkSerializer(serializers.Serializer):
    url = serializers.URLField(help_text=_("Where the holder saves the pass."))


class _File(APIView):
    """Answers with a file, which no renderer of data speaks."""

    permission_classes = [AllowAny]

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        return super().perform_content_negotiation(request, force=True)

    def file(self, data: bytes, name: str, media_type: str) -> HttpResponse:
        headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "private, no-store"}
        return HttpResponse(data, content_type=media_type, headers=headers)


def _size(request: Request) -> str:
    size = request.query_params.get("size", tickets.A4)
    if size not in tickets.SIZES:
        raise Invalid.field("size", f"There is {', '.join(tickets.SIZES)}.")
    return size


class TicketPdfView(_File):
    @documented(
        "Show a ticket as PDF",
        permission=HOLDER,
        errors=[Missing, TicketRefunded, NothingToHold],
        parameters=[ACCESS_CODE, SIZE],
        media_type="application/pdf",
    )
    def get(self, request: Request, ticket_id: UUID) -> HttpResponse:
        ticket = keepable(shown_ticket(request, ticket_id))
        return self.file(tickets.render([ticket], _size(request)), tickets.FILE_NAME, "application/pdf")


class TicketCalendarView(_File):
    @documented(
        "Put a ticket's event in a calendar",
        permission=HOLDER,
        description="One entry in iCalendar format (RFC 5545) with doors, ticket and seat.",
        errors=[Missing, TicketRefunded, NothingToHold],
        parameters=[ACCESS_CODE],
        media_type="text/calendar",
    )
    def get(self, request: Request, ticket_id: UUID) -> HttpResponse:
        ticket = keepable(shown_ticket(request, ticket_id))
        return self.file(calendar.of_tickets([ticket]), calendar.FILE_NAME, "text/calendar")


class AppleWalletView(_File):
    @documented(
        "Get a ticket for Apple Wallet",
        permission=HOLDER,
        description="A signed pass, where the platform has the keys for it.",
        errors=[Missing, TicketRefunded, NothingToHold, SwitchedOff, NotConfigured, CodeRotates],
        parameters=[ACCESS_CODE],
        media_type=apple.CONTENT_TYPE,
    )
    def get(self, request: Request, ticket_id: UUID) -> HttpResponse:
        ticket = for_a_wallet(shown_ticket(request, ticket_id), request.user)
        return self.file(apple.make(ticket), apple.FILE_NAME, apple.CONTENT_TYPE)


class GoogleWalletView(APIView):
    """A link, so that nothing is sent to Google before the holder wants it."""

    permission_classes = [AllowAny]

    @documented(
        "Get the link that saves a ticket in Google Wallet",
        permission=HOLDER,
        description="A link with a signed token, where the platform has the keys for it.",
        response=WalletLinkSerializer,
        errors=[Missing, TicketRefunded, NothingToHold, SwitchedOff, NotConfigured, CodeRotates],
        response_example={"url": "https://pay.google.com/gp/v/save/eyJhbGciOi…"},
        parameters=[ACCESS_CODE],
    )
    def get(self, request: Request, ticket_id: UUID) -> Response:
        ticket = for_a_wallet(shown_ticket(request, ticket_id), request.user)
        answer = Response(WalletLinkSerializer({"url": google.link(ticket, timezone.now())}).data)
        answer["Cache-Control"] = "private, no-store"
        return answer


class OrderTicketsPdfView(_File):
    @documented(
        "Show an order's tickets as PDF",
        permission=BUYER,
        description="A page for each ticket that admits, without those that were handed on.",
        errors=[Missing, NothingToHold],
        parameters=[ACCESS_CODE, SIZE],
        media_type="application/pdf",
    )
    def get(self, request: Request, order_id: UUID) -> HttpResponse:
        order, size = own_order(request, order_id), _size(request)
        admitting = tickets.admitting(str(order.pk))
        if not admitting:
            raise NothingToHold(gettext("No ticket of this order admits anybody."))
        return self.file(tickets.render(admitting, size), tickets.FILE_NAME, "application/pdf")
