"""What is attached to a mail, made when it leaves: a ticket that was refunded meanwhile is not in it.

A row names its files as `[maker, id]` (`["tickets", "<order>"]`); the app that knows how registers the maker in
`AppConfig.ready()`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import structlog
from django.conf import settings

from notifications.errors import ChannelError
from notifications.models import Notification

#: File name, content, and MIME type.
File = tuple[str, bytes, str]
#: From an id to its files; none when there is nothing (any more) to attach.
Maker = Callable[[str], list[File]]
#: A maker that fails holds the mail back for so many attempts (a quarter of an hour); then it goes without.
PATIENCE = 3
logger = structlog.get_logger(__name__)
_makers: dict[str, Maker] = {}


@dataclass(frozen=True)
class Files:
    """`incomplete`: something belongs to the mail that could not be made, or was too large to be sent."""

    files: tuple[File, ...] = ()
    incomplete: bool = False


def register(name: str, maker: Maker) -> None:
    """Add a maker. Raises `ValueError` when another has the name."""
    if _makers.get(name, maker) is not maker:
        raise ValueError(f"a maker of attachments named {name!r} is registered already")
    _makers[name] = maker


def make(row: Notification) -> Files:
    """The files of the row, for the attempt that it is at.

    Raises `ChannelError`, to be tried again, while a maker fails and patience lasts. What exceeds
    `settings.EMAIL_ATTACHMENT_BYTES` together with the files before it is left out.
    """
    files: list[File] = []
    room, incomplete = settings.EMAIL_ATTACHMENT_BYTES, False
    for name, key in row.attachments:
        made = _make(row, name, key)
        incomplete |= made is None
        for file in made or []:
            if len(file[1]) > room:
                logger.error("attachment.too_large", notification=str(row.pk), maker=name, bytes=len(file[1]))
                incomplete = True
            else:
                files.append(file)
                room -= len(file[1])
    return Files(tuple(files), incomplete)


def _make(row: Notification, name: str, key: str) -> list[File] | None:
    """What the maker made, or None when it failed once too often."""
    try:
        return _makers[name](key)
    except Exception as mistake:
        logger.exception("attachment.failed", notification=str(row.pk), maker=name, attempt=row.attempts)
        if row.attempts <= PATIENCE:
            what = f"the attachment {name!r} could not be made: {type(mistake).__name__}: {mistake}"
            raise ChannelError(what, permanent=False) from mistake
        return None
