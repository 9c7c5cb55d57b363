"""What the documented endpoints of a venue's webhooks ask and answer."""

from typing import Any

REQUEST: dict[str, Any] = {
    "url": "https://hooks.garden.example/trufan",
    "description": "Stock keeping",
    "event_types": ["order.paid", "order.refunded"],
}
ENDPOINT: dict[str, Any] = {
    "id": "0198c0de-7a11-7000-8000-00000000f001",
    **REQUEST,
    "is_active": True,
    "status": "active",
    "off_reason": "",
    "off_at": None,
    "failing_since": None,
    "last_success_at": "2026-11-20T18:02:12Z",
    "last_failure_at": None,
    "former_secret_until": None,
    "created_at": "2026-07-01T12:00:00Z",
}
ENDPOINT_WITH_SECRET: dict[str, Any] = {
    **ENDPOINT,
    "last_success_at": None,
    "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=",
}
ROTATED: dict[str, Any] = {**ENDPOINT_WITH_SECRET, "former_secret_until": "2026-11-21T18:02:12Z"}
EVENT_TYPE: dict[str, Any] = {
    "name": "ticket.issued",
    "description": "A ticket was issued: one message for each.",
    "example": {"venue_id": "0198c0de-7a11-7000-8000-00000000a001", "ticket": {"number": "Q8RD-41ZM"}},
}
MESSAGE: dict[str, Any] = {
    "id": "0198c0de-7a11-7000-8000-00000000f002",
    "message_id": "msg_0198c0de7a117000800000000000f002",
    "type": "order.paid",
    "status": "pending",
    "attempts": 2,
    "next_attempt_at": "2026-11-20T18:07:18Z",
    "delivered_at": None,
    "error": "Answered 503.",
    "created_at": "2026-11-20T18:02:11Z",
}
MESSAGE_DETAIL: dict[str, Any] = {
    **MESSAGE,
    "body": '{"type":"order.paid","timestamp":"2026-11-20T18:02:11.402Z","data":{}}',
    "tries": [
        {
            "number": 1,
            "created_at": "2026-11-20T18:02:11Z",
            "duration_ms": 181,
            "status_code": 503,
            "answer": "busy",
            "error": "Answered 503.",
        }
    ],
}
MESSAGE_AFRESH: dict[str, Any] = {**MESSAGE, "attempts": 0, "next_attempt_at": "2026-11-20T19:00:00Z", "error": ""}
