"""Switching a capability: checked, written, audited, and known to every process after the commit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext

from audit.trail import record
from trufan.lib import flags
from trufan.lib.errors import Detail, Forbidden, Invalid, Missing
from trufan.lib.flags import Flag, FlagSetting, Mode
from venues.models import Venue

_CHOSEN = ("mode", "percent", "staff", "venue_ids")


def change(
    name: str, *, by: Any, mode: str, percent: int = 0, staff: bool = False, venue_ids: Iterable[UUID] = ()
) -> FlagSetting:
    """Let the flag be as asked from now on. `percent`, `staff` and `venue_ids` count for the modes that choose.

    Raises `Forbidden` for who is no super admin, `Missing` for an undeclared flag, `Invalid` by field.
    """
    if not by.is_superuser:
        raise Forbidden
    flag = flags.find(name)
    wanted = _chosen(flag, mode, percent, staff, {str(each) for each in venue_ids})
    with transaction.atomic():
        row, _ = FlagSetting.objects.select_for_update().get_or_create(flag=name)
        before = _said(row)
        for field, value in wanted.items():
            setattr(row, field, value)
        if before != _said(row):
            row.save()
            record("flag.changed", row, old=before, new=_said(row), actor=by)
        transaction.on_commit(flags.publish)
    return row


def forget(name: str, *, by: Any) -> None:
    """Remove what was chosen for a flag that no code declares any more. Raises `Forbidden`, `Missing`."""
    if not by.is_superuser:
        raise Forbidden
    row = next((each for each in flags.leftovers() if each.flag == name), None)
    if row is None:
        raise Missing
    with transaction.atomic():
        record("flag.forgotten", row, old=_said(row), actor=by)
        row.delete()
        transaction.on_commit(flags.publish)


def _chosen(flag: Flag, mode: str, percent: int, staff: bool, venue_ids: set[str]) -> dict[str, Any]:
    """What is kept: of a mode that does not choose, nothing is chosen. Raises `Invalid`."""
    wrong = list(_problems(flag, mode, percent, staff, venue_ids))
    if wrong:
        raise Invalid(details=wrong)
    chooses_people = mode == Mode.ONLY
    return {
        "mode": mode,
        "percent": percent if chooses_people else 0,
        "staff": staff and chooses_people,
        "venue_ids": sorted(venue_ids) if mode in (Mode.ONLY, Mode.EXCEPT) else [],
    }


def _problems(flag: Flag, mode: str, percent: int, staff: bool, venue_ids: set[str]) -> Iterable[Detail]:
    if mode not in modes_of(flag):
        yield Detail("mode", "invalid_choice", gettext("This can't be switched in that way."))
    if not 0 <= percent <= 100:
        yield Detail("percent", "invalid", gettext("Give a number from 0 to 100."))
    if (percent or staff) and mode == Mode.ONLY and "user" not in flag.knows:
        yield Detail("percent", "unknown_here", gettext("Where this is asked, nobody knows who the user is."))
    if venue_ids and "venue" not in flag.knows:
        yield Detail("venues", "unknown_here", gettext("This belongs to no venue."))
    elif Venue.objects.filter(pk__in=venue_ids).count() < len(venue_ids):
        yield Detail("venues", "not_found", gettext("There is no such venue."))
    if mode == Mode.EXCEPT and not venue_ids:
        yield Detail("venues", "required", gettext("Choose the venues."))
    if mode == Mode.ONLY and not (venue_ids or percent or staff):
        yield Detail("mode", "required", gettext("Choose for whom it is on, or switch it off for everybody."))


def modes_of(flag: Flag) -> list[str]:
    """The modes that make sense for what is known where the flag is asked."""
    modes = [Mode.DEFAULT, Mode.ON, Mode.OFF]
    if flag.knows:
        modes.append(Mode.ONLY)
    if "venue" in flag.knows:
        modes.append(Mode.EXCEPT)
    return [str(mode) for mode in modes]


def _said(row: FlagSetting) -> dict[str, Any]:
    """What the trail keeps: the flag by its name, since the row's id tells nobody anything."""
    return {"flag": row.flag, **{field: getattr(row, field) for field in _CHOSEN}}
