"""Where an answer to a mail goes: to the venue that it is about. Venues stand above this app and register who knows."""

from __future__ import annotations

from collections.abc import Callable
from email.utils import formataddr
from uuid import UUID

#: From a venue's id to its name and the address that answers go to; the address is empty where there is none.
Finder = Callable[[UUID], tuple[str, str]]
_finders: list[Finder] = []


def register(finder: Finder) -> None:
    """Set who knows a venue's address; there is one."""
    _finders[:] = [finder]


def reply_to(venue_id: UUID | None) -> list[str]:
    """The header's value as Django takes it: one address with the venue's name, or none. At most one query."""
    if venue_id is None or not _finders:
        return []
    name, address = _finders[0](venue_id)
    if not address:
        return []
    printable = "".join(char for char in " ".join(name.split()) if char.isprintable())
    return [formataddr((printable, address), charset="utf-8")]
