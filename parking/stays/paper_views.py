"""The API face of parking's receipts: find the paper, print it."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from orders.errors import NoReceipt
from orders.receipts.finding import receipt_for
from orders.receipts.views import KEY, PrintedView
from parking.stays.papers import paper_of, readable_charge
from parking.stays.permissions import ACCESS_CODE
from trufan.lib.errors import Missing
from trufan.lib.schema import documented

READERS = "Who may reach the stay, or the order of the reservation. Whoever has a link from it, for thirty days."
_TAGS = ["parking"]


class ChargeReceiptView(PrintedView):
    @documented(
        "Show the receipt of a parking charge",
        permission=READERS,
        description="A page to read and print, numbered in the venue's one series.",
        errors=[Missing, NoReceipt],
        parameters=[ACCESS_CODE, KEY],
        media_type="text/html",
        tags=_TAGS,
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        return self.as_page(receipt_for(readable_charge(request, pk)))


class ChargeReceiptPdfView(PrintedView):
    @documented(
        "Show the receipt of a parking charge as PDF",
        permission=READERS,
        errors=[Missing, NoReceipt],
        parameters=[ACCESS_CODE, KEY],
        media_type="application/pdf",
        tags=_TAGS,
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        return self.as_pdf(receipt_for(readable_charge(request, pk)))


class ChargePaperView(PrintedView):
    @documented(
        "Show one of a parking charge's papers",
        permission=READERS,
        description="Its receipt, or a credit note on it, by its number.",
        errors=[Missing],
        parameters=[ACCESS_CODE, KEY],
        media_type="text/html",
        tags=_TAGS,
    )
    def get(self, request: Request, pk: UUID, number: int) -> HttpResponse:
        return self.as_page(paper_of(readable_charge(request, pk), number))


class ChargePaperPdfView(PrintedView):
    @documented(
        "Show one of a parking charge's papers as PDF",
        permission=READERS,
        errors=[Missing],
        parameters=[ACCESS_CODE, KEY],
        media_type="application/pdf",
        tags=_TAGS,
    )
    def get(self, request: Request, pk: UUID, number: int) -> HttpResponse:
        return self.as_pdf(paper_of(readable_charge(request, pk), number))
