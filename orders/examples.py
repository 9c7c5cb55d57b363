"""Example bodies for the API's documentation."""

from typing import Any

_TYPE = "0199f3a2-7c1e-7b52-9d8e-3f1a6b2c4d5e"
_VENUE = "0199f3a2-6a00-7c11-8f00-1b2c3d4e5f60"
_EVENT = "0199f3a2-6b00-7d22-8a00-2c3d4e5f6071"
_AMOUNTS: dict[str, Any] = {
    "subtotal": 10000, "discount": 0, "tax": 888, "fees": 500, "service_charge": 0, "tip": 0, "total": 11388,
    "promo_codes": [],
}  # fmt: skip

CART: dict[str, Any] = {"items": [{"type": "ticket", "id": _TYPE, "quantity": 2}]}
_LINE = {
    "type": "ticket",
    "item_id": _TYPE,
    "description": "General Admission, Opening Night",
    "options": [],
    "note": "",
    "quantity": 2,
    "unit_price": 5000,
    "discount": 0,
    "discounts": [],
    "fee": 500,
    "service_charge": 0,
    "net": 10500,
    "tax": 888,
    "tax_lines": [{"name": "Sales tax", "rate_ppm": 88750, "inclusive": False, "amount": 888, "net": 10000}],
    "total": 11388,
    "seats": ["112-A-12", "112-A-13"],
    "slot": None,
    "release": None,
    "bundle": None,
}
_LINE_ID = "0199f3a2-8d11-7000-9000-a0b1c2d3e4f5"
PREVIEW: dict[str, Any] = {"venue": _VENUE, "event": _EVENT, "currency": "USD", "items": [_LINE], **_AMOUNTS}
PLACED: dict[str, Any] = {
    "id": "0199f3a2-8d10-7a9b-8c7d-6e5f4a3b2c1d",
    "number": "7K3M9Q2XHD",
    "status": "pending",
    "channel": "web",
    "venue": _VENUE,
    "event": _EVENT,
    "currency": "USD",
    "items": [{"id": _LINE_ID, **_LINE, "quantity_refunded": 0, "status": "held"}],
    **_AMOUNTS,
    "delivery": None,
    "amount_paid": 0,
    "amount_refunded": 0,
    "amount_disputed": 0,
    "created_at": "2026-11-20T18:00:00Z",
    "expires_at": "2026-11-20T18:10:00Z",
    "paid_at": None,
    "access_code": "MZXW6YTBOI5HK3LDN5XGSZLSOM",
}
PENDING: dict[str, Any] = {name: value for name, value in PLACED.items() if name != "access_code"}
ORDER: dict[str, Any] = {
    **PENDING,
    "status": "paid",
    "amount_paid": 11388,
    "paid_at": "2026-11-20T18:01:30Z",
}
REFUND_ASKED: dict[str, Any] = {"items": [{"id": _LINE_ID, "quantity": 1}], "reason": "Cannot come"}
_REFUND_LINE = {
    "id": _LINE_ID,
    "description": "General Admission, Opening Night",
    "quantity": 1,
    "tickets": ["0199f3a2-9c02-7d10-8a00-b1c2d3e4f5a6"],
    "value": 5694,
    "kept": 250,
    "amount": 5444,
}
REFUND_PREVIEW: dict[str, Any] = {"amount": 5444, "kept": 250, "tip": 0, "currency": "USD", "items": [_REFUND_LINE]}
REFUND: dict[str, Any] = {
    "id": "0199f3a2-9d00-7e11-9b00-c1d2e3f4a5b6",
    "status": "pending",
    "kind": "lines",
    **REFUND_PREVIEW,
    "reason": "Cannot come",
    "by_buyer": True,
    "created_at": "2026-11-20T19:30:00Z",
    "settled_at": None,
}
AFTER_SALE: dict[str, Any] = {"receipts": [], "tips": [], "ratings": [], "tip_until": None}
_RECEIPT = "http://localhost:8000/api/v1/orders/0199f3a2-8d10-7a9b-8c7d-6e5f4a3b2c1d/receipts/42"
RECEIPT: dict[str, Any] = {
    "number": "000042",
    "kind": "sale",
    "amount": 11388,
    "amends": None,
    "issued_at": "2026-11-20T18:01:31Z",
    "url": f"{_RECEIPT}?key=1vKx2m~aGVsbG8",
    "pdf_url": f"{_RECEIPT}.pdf?key=1vKx2m~aGVsbG8",
}
_OUTLET = {
    "id": "0199f3a2-6b00-7c22-8f10-2b3c4d5e6f70",
    "name": "Burger Stand",
    "location": "Concourse B, by section 112",
}
_FOOD_LINE = "0199f3a2-8d12-7000-9000-a0b1c2d3e4f6"
FULFILMENT: dict[str, Any] = {
    "id": "0199f3a2-8e20-7b8c-9d7e-6f5a4b3c2d1e",
    "outlet": _OUTLET,
    "status": "accepted",
    "pickup_number": 417,
    "promised_at": "2026-11-20T19:20:00Z",
    "delivery": {"method": "pickup", "section": "", "row": "", "seat": "", "note": ""},
    "minimum_age": 0,
    "times": {
        "placed_at": "2026-11-20T19:10:00Z",
        "accepted_at": "2026-11-20T19:10:40Z",
        "preparing_at": None,
        "ready_at": None,
        "sent_out_at": None,
        "ended_at": None,
    },
    "reason": "",
    "items": [_FOOD_LINE],
}
ENTRY: dict[str, Any] = {
    **{name: value for name, value in FULFILMENT.items() if name not in ("outlet", "items")},
    "order": "7K3M9Q2XHD",
    "next_move": "prepare",
    "is_late": False,
    "lines": [
        {
            "id": _FOOD_LINE,
            "description": "Cheeseburger, Large",
            "quantity": 2,
            "options": ["Bacon"],
            "note": "no onions",
        }
    ],
}
QUEUE: dict[str, Any] = {"outlet": _OUTLET, "count": 1, "late": 0, "fulfilments": [ENTRY]}
_TO_SEAT = {
    **ENTRY,
    "status": "ready",
    "next_move": "send-out",
    "delivery": {"method": "seat", "section": "112", "row": "A", "seat": "12", "note": ""},
}
DELIVERIES: dict[str, Any] = {
    "outlet": _OUTLET,
    "count": 1,
    "sections": [{"section": "112", "fulfilments": [_TO_SEAT]}],
}
