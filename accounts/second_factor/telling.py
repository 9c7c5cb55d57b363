"""A mail about every change of a second factor: the owner's chance to notice a thief."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from notifications import outbox

SET_UP = "set_up"
REPLACED = "replaced"
REMOVED = "removed"
RESET = "reset"
RECOVERY_CODES_MADE = "recovery_codes_made"
RECOVERY_CODE_USED = "recovery_code_used"
LOCKED = "locked"


def tell(user: Any, what: str, *, left: int = 0, minutes: int = 0) -> None:
    """Write to the person; part of the caller's transaction."""
    outbox.send(
        "second_factor_changed",
        user.email,
        user=user,
        context={
            "first_name": user.first_name,
            "what": what,
            "left": left,
            "minutes": minutes,
            "reset_url": f"{settings.FRONTEND_URL}/reset-password",
        },
    )
