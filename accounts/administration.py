"""What super admins change about others."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from accounts import sign_in
from accounts.console_sessions import sessions
from accounts.errors import AccountErased, OwnAccount
from accounts.models import Role, User
from audit.trail import record
from trufan.lib.errors import Forbidden


def change(target: User, *, by: User, now: datetime, role: str | None = None, is_active: bool | None = None) -> User:
    """Give a role, switch an account on or off; None leaves as it is.

    Raises `OwnAccount` (so that one super admin always remains), `AccountErased`, `Forbidden`.
    """
    with transaction.atomic():
        target = _locked(target.pk, by)
        if role is not None and role != target.role:
            _give_role(target, role, by, now)
        if is_active is not None and is_active != target.is_active:
            _switch(target, is_active, by, now)
    return target


def _locked(target_id: UUID, by: User) -> User:
    """The target and all super admins, locked: of two who demote each other at once, one is left to be refused."""
    people = Q(pk=target_id) | Q(role=Role.SUPER_ADMIN)
    rows = {row.pk: row for row in User.objects.select_for_update().filter(people).order_by("pk")}
    if by.pk not in rows or not rows[by.pk].is_superuser:
        raise Forbidden
    if target_id == by.pk:
        raise OwnAccount
    if rows[target_id].erased_at:
        raise AccountErased
    return rows[target_id]


def _give_role(target: User, role: str, by: User, now: datetime) -> None:
    old, target.role = target.role, role
    target.save(update_fields=["role", "updated_at"])
    sessions.end_all(target, now, because=sign_in.Ended.STAFF)
    record("user.role_changed", target, old={"role": old}, new={"role": role}, actor=by)


def _switch(target: User, is_active: bool, by: User, now: datetime) -> None:
    target.is_active = is_active
    target.save(update_fields=["is_active", "updated_at"])
    if not is_active:
        sign_in.end_all(target, now, because=sign_in.Ended.SWITCHED_OFF)
    record("user.switched_on" if is_active else "user.switched_off", target, actor=by)
