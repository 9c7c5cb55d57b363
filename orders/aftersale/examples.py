"""Example bodies for the API's documentation."""

from typing import Any

TIP: dict[str, Any] = {
    "id": "0199f3a2-a001-7b52-9d8e-3f1a6b2c4d5e",
    "status": "paid",
    "amount": 450,
    "amount_refunded": 0,
    "currency": "USD",
    "created_at": "2026-11-20T21:10:00Z",
    "paid_at": "2026-11-20T21:10:02Z",
}
RATING: dict[str, Any] = {
    "outlet": "0199f3a2-a100-7c11-8f00-1b2c3d4e5f60",
    "stars": 5,
    "comment": "Hot, and at my seat before the first song.",
    "rated_at": "2026-11-20T21:12:00Z",
}
RATING_ASKED: dict[str, Any] = {name: value for name, value in RATING.items() if name != "rated_at"}
