"""Everything that is stored about a person, for that person."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from accounts import personal_data
from accounts.models import SecondFactor, User
from audit.models import AuditLog
from audit.trail import record

_PROFILE = (
    "id", "email", "phone", "first_name", "last_name", "role", "email_verified_at", "phone_verified_at",
    "is_active", "last_login", "created_at", "updated_at",
)  # fmt: skip
_SIGN_IN = (
    "id",
    "created_at",
    "last_used_at",
    "expires_at",
    "revoked_at",
    "revoked_because",
    "ip_address",
    "user_agent",
)
_CONSOLE = ("id", "created_at", "last_seen_at", "expires_at", "ended_at", "ended_because", "ip_address", "user_agent")
_CODE = ("id", "created_at", "phone", "attempts", "expires_at", "used_at")
_ENTRY = ("created_at", "action", "entity_type", "entity_id", "ip_address", "user_agent", "correlation_id")


def export(user: User, now: datetime) -> dict[str, Any]:
    """`{exported_at, profile, sign_ins, phone_codes, activity, <keeper>: …}`; audited."""
    answer = {
        "exported_at": now,
        "profile": _values(user, _PROFILE),
        "sign_ins": [_values(row, _SIGN_IN) for row in user.sign_ins.all()],
        "console_sessions": [_values(row, _CONSOLE) for row in user.console_sessions.all()],
        "has_second_factor": SecondFactor.objects.filter(user=user).exists(),
        "phone_codes": [_values(row, _CODE) for row in user.phone_codes.all()],
        "activity": [_values(row, _ENTRY) for row in AuditLog.objects.filter(actor=user)],
        **personal_data.export_all(user),
    }
    record("user.exported", user, actor=user)
    return answer


def _values(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in names}
    return {name: str(value) if name == "phone" and value else value for name, value in values.items()}
