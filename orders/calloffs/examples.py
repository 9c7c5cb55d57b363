"""Example bodies for the API's documentation."""

from typing import Any

_EVENT = "0199f3a2-6b00-7d22-8a00-2c3d4e5f6071"
ASKED: dict[str, Any] = {"also": ["parking"], "keep_fees": False, "reason": "The singer is ill."}
PREVIEW: dict[str, Any] = {
    "orders": 412,
    "disputed": 1,
    "currency": "USD",
    "amount": 4893000,
    "kept": 0,
    "kinds": [
        {"kind": "parking", "lines": 96, "pieces": 96, "value": 192000, "goes_back": True},
        {"kind": "product", "lines": 40, "pieces": 71, "value": 85200, "goes_back": False},
        {"kind": "ticket", "lines": 430, "pieces": 918, "value": 4701000, "goes_back": True},
    ],
}
CALL_OFF: dict[str, Any] = {
    "id": "0199f3a2-c001-7b52-9d8e-3f1a6b2c4d5e",
    "event": _EVENT,
    "status": "running",
    "also": ["parking"],
    "keep_fees": False,
    "reason": "The singer is ill.",
    "created_at": "2026-11-20T12:00:00Z",
    "finished_at": None,
    "progress": {
        "total": 412,
        "pending": 112,
        "refunded": 297,
        "nothing": 2,
        "failed": 1,
        "amount": 3520000,
        "kept": 0,
        "arrived": 3400000,
        "refused": 0,
    },
}
ROW: dict[str, Any] = {
    "order": "0199f3a2-8d10-7a9b-8c7d-6e5f4a3b2c1d",
    "number": "8K2M4P6Q",
    "status": "failed",
    "amount": 0,
    "kept": 0,
    "refund": None,
    "refund_status": None,
    "error_code": "payment_disputed",
    "error": "A bank is deciding whose this money is. Wait for it.",
}
