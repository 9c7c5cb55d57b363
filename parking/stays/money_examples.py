"""What the money endpoints of stays are documented with."""

from __future__ import annotations

from typing import Any

from payments.serializers import SUCCEEDED

_SESSION = "0199f3a2-8d10-7a9b-8c7d-6e5f4a3b2c1d"
_CHARGE = "0199f3a2-9e00-7e11-9b00-c1d2e3f4a5b6"
_RECEIPT = f"http://localhost:8000/api/v1/parking/charges/{_CHARGE}/receipt"
_PARTS = [
    {"kind": "base", "words": "2 h 10 min", "amount": 1100},
    {"kind": "paid", "words": "Paid before", "amount": -500},
]
DUE: dict[str, Any] = {
    "amount": 653, "currency": "USD", "kind": "stay", "covers_until": "2026-11-20T20:10:00Z", "price": 600,
    "discount": 0, "promo_code": "", "fee": 0, "tax": 53, "parts": _PARTS, "price_in_all": 1100, "paid": 500,
    "expires_at": None, "leave_by": "2026-11-20T19:15:00Z",
}  # fmt: skip
PAID: dict[str, Any] = {
    **SUCCEEDED, "amount": 653, "charge": _CHARGE, "expires_at": None, "leave_by": "2026-11-20T20:25:00Z",
}  # fmt: skip
EXTENDED: dict[str, Any] = {**PAID, "expires_at": "2026-11-20T22:00:00Z", "leave_by": None}
CHARGE: dict[str, Any] = {
    "id": _CHARGE, "number": "7K3M9Q2XHD", "session": _SESSION, "change": None, "kind": "stay", "status": "paid",
    "description": "Parking at North Lot until 20 November 2026, 15:10", "covers_until": "2026-11-20T20:10:00Z",
    "parts": _PARTS, "price": 600, "discount": 0, "promo_code": "", "fee": 0, "net": 600, "tax": 53,
    "tax_lines": [{"name": "Parking tax", "rate_ppm": 88750, "inclusive": False, "amount": 53, "net": 600}],
    "total": 653, "currency": "USD", "amount_paid": 653, "amount_refunded": 0, "created_at": "2026-11-20T20:10:00Z",
    "paid_at": "2026-11-20T20:10:01Z", "receipt_url": f"{_RECEIPT}?key=1vTq2N:3f", "receipt_pdf_url":
    f"{_RECEIPT}.pdf?key=1vTq2N:3f",
}  # fmt: skip
