"""A file between its rehearsal and its import: kept for an hour where sessions are kept, sealed, for who sent it alone.

It is a session of its own, which no browser ever gets as a cookie: all processes see it, and it goes with expired ones.
"""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any

from django.conf import settings

from trufan.lib import sealing

#: Seconds for looking at what was found.
KEPT_FOR = 60 * 60
_KEY = "import"


@dataclass(frozen=True)
class Kept:
    """A file, what it is to be imported into, and the digest of what was shown."""

    target: str
    digest: str
    content: bytes


def keep(user: Any, purpose: str, kept: Kept) -> str:
    """Keep a file for this person and this screen; the key it is fetched by."""
    store = _store()
    packed = base64.b85encode(zlib.compress(kept.content)).decode()
    store[_KEY] = {
        "user": str(user.pk),
        "purpose": purpose,
        "target": kept.target,
        "digest": kept.digest,
        "file": sealing.seal(packed),
    }
    store.set_expiry(KEPT_FOR)
    store.create()
    key: str = store.session_key
    return key


def fetch(user: Any, purpose: str, key: str) -> Kept | None:
    """The file of that key; None once it is gone, and for everyone else."""
    store = _store(key)
    said = store.get(_KEY)
    if not said or (said["user"], said["purpose"]) != (str(user.pk), purpose):
        return None
    try:
        packed = sealing.unseal(said["file"])
    except sealing.Unreadable:
        return None
    return Kept(said["target"], said["digest"], zlib.decompress(base64.b85decode(packed)))


def drop(key: str) -> None:
    """Forget it; done once it is imported."""
    _store().delete(key)


def forget_old(now: datetime) -> int:
    """Drop files that nobody imported, and all other sessions that are over; how many went."""
    # Models can be loaded only once the apps are.
    from django.contrib.sessions.models import Session

    gone: int = Session.objects.filter(expire_date__lt=now).delete()[0]
    return gone


def _store(key: str | None = None) -> Any:
    return import_module(settings.SESSION_ENGINE).SessionStore(key)
