"""Example bodies for the API's documentation."""

from typing import Any

MOVE_ASKED: dict[str, Any] = {
    "starts_at": "2026-12-11T19:30:00-05:00",
    "answer_by": "2026-12-04T20:00:00-05:00",
    "also": ["parking", "product"],
    "keep_fees": False,
}
MOVE: dict[str, Any] = {
    "id": "0199f3a2-c101-7b52-9d8e-3f1a6b2c4d5e",
    "event": "0199f3a2-6b00-7d22-8a00-2c3d4e5f6071",
    "was_starts_at": "2026-11-27T00:30:00Z",
    "was_ends_at": "2026-11-27T03:30:00Z",
    "was_doors_at": "2026-11-26T23:30:00Z",
    "starts_at": "2026-12-12T00:30:00Z",
    "answer_by": "2026-12-05T01:00:00Z",
    "also": ["parking", "product"],
    "keep_fees": False,
    "kept": 210,
    "given_back": 17,
    "created_at": "2026-11-20T12:00:00Z",
}
ORDER_MOVE: dict[str, Any] = {
    **{name: MOVE[name] for name in ("id", "event", "was_starts_at", "starts_at", "answer_by")},
    "name": "Friday Night Live",
    "is_open": True,
    "answer": None,
    "refund": None,
}
