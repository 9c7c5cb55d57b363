"""The folders of uploaded pictures: that they can be written, and have room."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from trufan import backups
from trufan.doctor.findings import Finding, error, note, ok, warning

#: Bytes that should be free, and without which a night's pictures no longer fit.
ROOM, LITTLE = 2 * 1024**3, 200 * 1024**2
FOLDERS = ("MEDIA_ROOT", "PRIVATE_ROOT")
#: One a night, and some hours for a slow one.
BACKUP_WITHIN = timedelta(hours=30)


def folders() -> Iterator[Finding]:
    for name in FOLDERS:
        yield _folder(name, Path(getattr(settings, name)))


def _folder(name: str, path: Path) -> Finding:
    advice = "Create it, and give it to the user that the API runs as. All API processes share it."
    if not path.is_dir():
        if settings.IS_LIVE:
            return error(f"{name} is no folder.", advice)
        return note(f"{name} is made with the first picture.")
    try:
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as problem:
        return error(f"{name} can't be written ({type(problem).__name__}).", advice)
    free = shutil.disk_usage(path).free
    said = f"{name} has {free // 1024**2} MB of free space."
    if free < LITTLE:
        return error(said, "Free some at once: uploads are about to fail.")
    return warning(said, "Make room, or move it to a larger volume.") if free < ROOM else ok(said)


def last_backup() -> Iterator[Finding]:
    """Live only: nobody backs up a laptop."""
    if not settings.IS_LIVE:
        return
    last = backups.newest(Path(settings.BACKUP_ROOT))
    if last is None:
        yield warning("There is no backup below BACKUP_ROOT.", "Run manage.py backup every night (docs/deployment.md).")
    elif (age := timezone.now() - last) > BACKUP_WITHIN:
        yield warning(
            f"The last backup is {age.total_seconds() / 3600:.0f} hours old.", "Find out why the last failed."
        )
    else:
        yield ok("The last backup is of today.")
