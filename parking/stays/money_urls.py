"""The addresses of the money of stays, below `/api/v1/parking/`."""

from __future__ import annotations

from django.urls import path

from parking.stays.money_views import ChargeRefundViewSet, StayChargesViewSet, StayMoneyViewSet
from parking.stays.paper_views import ChargePaperPdfView, ChargePaperView, ChargeReceiptPdfView, ChargeReceiptView

stay, charge = "sessions/<uuid:pk>", "charges/<uuid:pk>"
urlpatterns = [
    path(f"{stay}/due", StayMoneyViewSet.as_view({"get": "due"}), name="parking-session-due"),
    path(f"{stay}/pay", StayMoneyViewSet.as_view({"post": "pay"}), name="parking-session-pay"),
    path(f"{stay}/extend", StayMoneyViewSet.as_view({"post": "extend"}), name="parking-session-extend"),
    path(f"{stay}/validate", StayMoneyViewSet.as_view({"post": "validate"}), name="parking-session-validate"),
    path(f"{stay}/price", StayMoneyViewSet.as_view({"post": "set_price"}), name="parking-session-price"),
    path(f"{stay}/lost-ticket", StayMoneyViewSet.as_view({"post": "lose_ticket"}), name="parking-session-lost-ticket"),
    path(f"{stay}/charges", StayChargesViewSet.as_view({"get": "list"}), name="parking-session-charges"),
    path(f"{charge}/refund", ChargeRefundViewSet.as_view({"post": "create"}), name="parking-charge-refund"),
    path(f"{charge}/receipt", ChargeReceiptView.as_view(), name="parking-charge-receipt"),
    path(f"{charge}/receipt.pdf", ChargeReceiptPdfView.as_view(), name="parking-charge-receipt-pdf"),
    path(f"{charge}/receipts/<int:number>", ChargePaperView.as_view(), name="parking-charge-paper"),
    path(f"{charge}/receipts/<int:number>.pdf", ChargePaperPdfView.as_view(), name="parking-charge-paper-pdf"),
]
