"""What the documentation shows."""

from __future__ import annotations

from typing import Any

USER: dict[str, Any] = {
    "id": "019c1f3e-7a52-7c11-9d3b-5f0e6c2a1b40",
    "email": "fay@example.com",
    "phone": "+12125550123",
    "first_name": "Fay",
    "last_name": "Fan",
    "role": "customer",
    "language": "en",
    "email_verified_at": "2026-11-20T18:05:00Z",
    "phone_verified_at": None,
    "created_at": "2026-11-20T18:00:00Z",
}
USER_FOR_ADMIN: dict[str, Any] = {
    **USER,
    "is_active": True,
    "last_login": "2026-11-21T09:30:00Z",
    "erased_at": None,
}
CREDENTIAL = "Correct-Horse-9"
SESSION: dict[str, Any] = {
    "user": USER,
    "access_token": "eyJhbGciOiJIUzI1NiIs…",
    "refresh_token": "eyJhbGciOiJIUzI1NiIs…",
    "token_type": "bearer",
    "expires_in": 1800,
}
SIGN_IN: dict[str, Any] = {
    "id": "019c1f3e-8b10-7f02-8a44-0d1c2b3a4958",
    "created_at": "2026-11-21T09:30:00Z",
    "last_used_at": "2026-11-21T10:00:00Z",
    "expires_at": "2026-11-28T10:00:00Z",
    "ip_address": "203.0.113.7",
    "user_agent": "TruFan/1.0 (iPhone)",
    "current": True,
}
EXPORT: dict[str, Any] = {
    "exported_at": "2026-11-21T10:00:00Z",
    "profile": USER,
    "sign_ins": [SIGN_IN],
    "console_sessions": [],
    "has_second_factor": False,
    "phone_codes": [],
    "activity": [{"created_at": "2026-11-20T18:00:00Z", "action": "user.registered", "ip_address": "203.0.113.7"}],
    "orders": [],
    "payments": [],
}
