"""The folders of uploaded pictures: that they can be written, and have room."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from trufan.doctor.findings import Finding, error, note, ok, warning

#: Bytes that should be free, and without which a night's pictures no longer fit.
ROOM, LITTLE = 2 * 1024**3, 200 * 1024**2
FOLDERS = ("MEDIA_ROOT", "PRIVATE_ROOT")


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
