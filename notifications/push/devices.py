"""Which devices a person is told things by: registered by themselves, retired by them, by us or by a push service."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import QuerySet

from audit.trail import record
from notifications.push.models import Device
from trufan.lib import retention

#: Live devices of one person; the one that was seen longest ago makes room.
MOST = 20
_MADE_ROOM = f"{MOST} newer devices took its place"
_BY_OWNER = "its owner removed it"


def register(
    user: Any, *, kind: str, token: str, now: datetime, keys: dict[str, str] | None = None, name: str = ""
) -> tuple[Device, bool]:
    """The person's device with this token, and whether we had not known the token.

    Who holds a token holds the device: it becomes the caller's, and whoever had it before hears nothing there any
    more. A retired one lives again.
    """
    token_hash = hashlib.sha256(token.encode()).hexdigest()
    facts = {"user_id": user.pk, "kind": kind, "keys": keys or {}, "name": name, "last_seen_at": now}
    with transaction.atomic():
        # One at a time for each person, so that two at once do not both find room.
        get_user_model().objects.select_for_update().only("pk").get(pk=user.pk)
        fresh = Device(token=token, token_hash=token_hash, **facts)
        Device.objects.bulk_create([fresh], ignore_conflicts=True)
        rows = Device.objects.filter(token_hash=token_hash)
        rows.update(token=token, retired_at=None, retired_because="", **facts)
        device = rows.get()
        _make_room(user, now)
    return device, device.pk == fresh.pk


def live(user: Any) -> QuerySet[Device]:
    """The person's devices that are pushed to, the last seen first."""
    return Device.objects.filter(user_id=user.pk, retired_at=None).order_by("-last_seen_at", "-pk")


def remove(device: Device, now: datetime) -> None:
    """By its owner. Nothing is sent there from now on."""
    _retire(device, _BY_OWNER, now)


def retire_gone(device: Device, because: str, now: datetime) -> None:
    """The push service says that it is no more. Not if it was registered again since the message left."""
    rows = Device.objects.filter(pk=device.pk, last_seen_at=device.last_seen_at, retired_at=None)
    rows.update(retired_at=now, retired_because=because[:120])


def silence(user: Any, because: str, now: datetime) -> None:
    """The person is signed out everywhere: nothing is pushed until a device registers again."""
    live(user).update(retired_at=now, retired_because=because[:120])


def retire(device: Device, by: Any, now: datetime, reason: str) -> None:
    """By a super admin. The person may register it again."""
    with transaction.atomic():
        if _retire(device, reason, now):
            record("device.retired", device, new={"reason": reason}, actor=by)


def forget(now: datetime) -> int:
    """The sweep `notifications.devices`: delete what was retired `DEVICE_DAYS` ago, token and all; how many.

    Retired ones are kept that long for who asks why nothing came.
    """
    before = retention.before("DEVICE_DAYS", now)
    return Device.objects.filter(retired_at__lte=before).delete()[0] if before else 0


def export(user: Any) -> list[dict[str, Any]]:
    """Every device of the person, retired ones too, by age (times aware UTC). The keys and tokens are no facts of
    theirs, and whoever reads them could speak in our name."""
    fields = ("kind", "name", "created_at", "last_seen_at", "retired_at", "retired_because")
    rows = Device.objects.filter(user_id=user.pk).order_by("created_at", "pk").values(*fields)
    return [{"channel": "push", "device": row.pop("kind"), **row} for row in rows]


def erase(user: Any) -> None:
    Device.objects.filter(user_id=user.pk).delete()


def _retire(device: Device, because: str, now: datetime) -> bool:
    rows = Device.objects.filter(pk=device.pk, retired_at=None)
    return bool(rows.update(retired_at=now, retired_because=because[:120]))


def _make_room(user: Any, now: datetime) -> None:
    too_many = list(live(user).values_list("pk", flat=True)[MOST:])
    if too_many:
        Device.objects.filter(pk__in=too_many).update(retired_at=now, retired_because=_MADE_ROOM)
