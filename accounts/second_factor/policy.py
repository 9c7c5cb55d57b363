"""Who needs a second factor: people whose roles move money or decide who may."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from trufan.lib.console import switching


def moves_money(user: Any) -> bool:
    """Whether the person holds one of `SECOND_FACTOR_PERMISSIONS` anywhere; super admins hold all."""
    if user.is_superuser:
        return True
    wanted = frozenset(settings.SECOND_FACTOR_PERMISSIONS)
    return any(held & wanted for held in switching.granted_everywhere(user).values())


def is_required_of(user: Any) -> bool:
    """Whether the person may do nothing before a second factor is set up."""
    return bool(settings.SECOND_FACTOR_REQUIRED) and moves_money(user)
