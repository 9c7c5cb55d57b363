"""The API face of receipts: find the paper, print it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone, translation
from drf_spectacular.utils import OpenApiParameter
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

from orders.errors import NoReceipt
from orders.receipts import links, pdf
from orders.receipts.finding import paper_of, readable_order, receipt_of
from orders.receipts.models import Receipt
from orders.receipts.page import describe
from orders.views import ACCESS_CODE, BUYER
from trufan.lib.errors import Missing
from trufan.lib.schema import documented

READERS = BUYER + " Staff with the right to see the venue's orders. Whoever has a link from the order, for thirty days."
KEY = OpenApiParameter(links.PARAMETER, str, description="From the links that the order shows; opens its papers alone.")
#: A page of ours in the browser: its own style, and nothing else.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


class PrintedView(APIView):
    """What prints a paper, whatever it is for."""

    permission_classes = [AllowAny]

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """A paper is asked for as what it is, which no renderer of data speaks."""
        return super().perform_content_negotiation(request, force=True)

    def as_page(self, paper: Receipt) -> HttpResponse:
        said = describe(paper, timezone.now())
        with translation.override(said.language):
            page = render_to_string("receipts/receipt.html", {"page": said})
        # The address may hold a key: it goes nowhere from here.
        headers = {
            "Content-Security-Policy": POLICY,
            "Referrer-Policy": "no-referrer",
            "Content-Language": said.language,
        }
        return HttpResponse(page, content_type="text/html; charset=utf-8", headers=headers)

    def as_pdf(self, paper: Receipt) -> HttpResponse:
        kind = "credit-note" if paper.kind == Receipt.Kind.CREDIT_NOTE else "receipt"
        headers = {"Content-Disposition": f'inline; filename="{kind}-{paper.label}.pdf"'}
        body = pdf.render(describe(paper, timezone.now()), paper.issued_at)
        return HttpResponse(body, content_type="application/pdf", headers=headers)


class ReceiptView(PrintedView):
    @documented(
        "Show an order's receipt",
        permission=READERS,
        description="A page to read and print. Numbers, lines and tax are as they were issued; payments and refunds as "
        "they stand now.",
        errors=[Missing, NoReceipt],
        parameters=[ACCESS_CODE, KEY],
        media_type="text/html",
        tags=["orders"],
    )
    def get(self, request: Request, order_id: UUID) -> HttpResponse:
        return self.as_page(receipt_of(readable_order(request, order_id)))


class ReceiptPdfView(PrintedView):
    @documented(
        "Show an order's receipt as PDF",
        permission=READERS,
        errors=[Missing, NoReceipt],
        parameters=[ACCESS_CODE, KEY],
        media_type="application/pdf",
        tags=["orders"],
    )
    def get(self, request: Request, order_id: UUID) -> HttpResponse:
        return self.as_pdf(receipt_of(readable_order(request, order_id)))


class PaperView(PrintedView):
    @documented(
        "Show one of an order's papers",
        permission=READERS,
        description="The receipt, that of a tip, or a credit note, by its number.",
        errors=[Missing],
        parameters=[ACCESS_CODE, KEY],
        media_type="text/html",
        tags=["orders"],
    )
    def get(self, request: Request, order_id: UUID, number: int) -> HttpResponse:
        return self.as_page(paper_of(readable_order(request, order_id), number))


class PaperPdfView(PrintedView):
    @documented(
        "Show one of an order's papers as PDF",
        permission=READERS,
        errors=[Missing],
        parameters=[ACCESS_CODE, KEY],
        media_type="application/pdf",
        tags=["orders"],
    )
    def get(self, request: Request, order_id: UUID, number: int) -> HttpResponse:
        return self.as_pdf(paper_of(readable_order(request, order_id), number))
