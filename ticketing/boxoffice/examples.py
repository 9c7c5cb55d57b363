"""Example bodies for the API's documentation."""

from typing import Any

from ticketing.examples import TICKET

_TYPE: dict[str, Any] = TICKET["ticket_type"]
_ORDER = "0199f3a2-8d10-7a9b-8c7d-6e5f4a3b2c1d"
_HOLD = "0199f3a2-d100-7d3a-a1b2-c3d4e5f60718"
_SALE = "0199f3a2-d300-7d3a-a1b2-c3d4e5f60718"

HOLD_ASKED: dict[str, Any] = {"ticket_type": _TYPE["id"], "quantity": 20, "label": "Artist guests"}
HOLD: dict[str, Any] = {
    "id": _HOLD,
    "ticket_type": _TYPE,
    "label": "Artist guests",
    "note": "",
    "quantity": 20,
    "released": 5,
    "given": 2,
    "left": 13,
    "released_at": None,
    "created_at": "2026-11-01T10:00:00Z",
}
GIVE: dict[str, Any] = {
    "ticket_type": _TYPE["id"],
    "quantity": 2,
    "name": "Fay Fan",
    "email": "fay@example.com",
    "reason": "Guest of the artist",
    "house_hold": _HOLD,
}
COMP: dict[str, Any] = {
    "id": "0199f3a2-d200-7d3a-a1b2-c3d4e5f60718",
    "order": _ORDER,
    "number": "7K3M9Q2XHD",
    "status": "paid",
    "name": "Fay Fan",
    "email": "fay@example.com",
    "quantity": 2,
    "description": "General Admission, Opening Night",
    "house_hold": _HOLD,
    "reason": "Guest of the artist",
    "given_by": "Olga Operator",
    "created_at": "2026-11-10T10:00:00Z",
}
SELL: dict[str, Any] = {
    "items": [{"type": "ticket", "id": _TYPE["id"], "quantity": 1}],
    "method": "cash",
    "tendered": 6000,
}
SALE: dict[str, Any] = {
    "id": _SALE,
    "order": _ORDER,
    "number": "7K3M9Q2XHD",
    "status": "paid",
    "event": TICKET["event"]["id"],
    "currency": "USD",
    "total": 5694,
    "amount_refunded": 0,
    "method": "cash",
    "tendered": 6000,
    "change": 306,
    "terminal_reference": "",
    "sold_by": "Olga Operator",
    "tickets": [{name: TICKET[name] for name in ("id", "number", "code", "status", "ticket_type", "seat")}],
    "tickets_pdf_url": f"http://localhost:8000/api/v1/door-sales/{_SALE}/tickets.pdf",
    "receipt_url": f"http://localhost:8000/api/v1/orders/{_ORDER}/receipt?key=1vKx2m~aGVsbG8",
    "created_at": "2026-11-20T18:30:00Z",
}
SUMMARY: dict[str, Any] = {
    "day": "2026-11-20",
    "currency": "USD",
    "drawers": [
        {
            "seller_id": "0199f3a2-aa00-7c11-8f00-1b2c3d4e5f60",
            "seller": "Olga Operator",
            "method": "cash",
            "sales": 12,
            "amount": 68328,
            "refunds": 1,
            "refunded": 5694,
            "net": 62634,
        }
    ],
    "totals": {"cash": 62634, "card_terminal": 0},
}
