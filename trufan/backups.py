"""Backups of database and pictures, and the way back: `manage.py backup` and `manage.py restore`.

A backup is a folder named by its time in UTC: `database.dump` (pg_dump's own format), `media.tar`, `private.tar` and
`manifest.json`, written last, with the SHA-256 of each. A folder without a manifest is none. The connection reaches
pg_dump and pg_restore through their environment, so no password stands in a list of processes.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess  # nosec B404
import tarfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

DUMP, MANIFEST = "database.dump", "manifest.json"
#: The folders of pictures, by the setting that names each.
FOLDERS = {"media.tar": "MEDIA_ROOT", "private.tar": "PRIVATE_ROOT"}
STAMP = "%Y%m%dT%H%M%SZ"
_TLS = {"sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY"}


class BackupFailed(Exception):
    """What went wrong, for an operator. It holds no password."""


def take(root: Path, now: datetime) -> Path:
    """Write a backup below `root`; its folder. Raises `BackupFailed`, and then leaves nothing behind."""
    _only_postgresql()
    done = root / now.astimezone(UTC).strftime(STAMP)
    partial = done.with_suffix(".partial")
    if done.exists():
        raise BackupFailed(f"{done} is there already.")
    partial.mkdir(parents=True, mode=0o700)
    try:
        _run(["pg_dump", "--format=custom", "--no-owner", "--no-privileges", "--file", str(partial / DUMP)])
        for name, setting in FOLDERS.items():
            _pack(Path(getattr(settings, setting)), partial / name)
        _write_manifest(partial, now)
        partial.rename(done)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return done


def put_back(source: Path) -> None:
    """Fill an empty database and empty folders from the backup. Raises `BackupFailed` before anything is written where
    the backup is damaged or something is not empty."""
    _only_postgresql()
    verify(source)
    _refuse_what_is_not_empty()
    name = str(connection.settings_dict["NAME"])
    connection.close()
    restore = ["pg_restore", "--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges"]
    _run([*restore, "--dbname", name, str(source / DUMP)])
    for packed, setting in FOLDERS.items():
        folder = Path(getattr(settings, setting))
        folder.mkdir(parents=True, exist_ok=True)
        _unpack(source / packed, folder)


def verify(source: Path) -> None:
    """Whether the files are those that were written. Raises `BackupFailed`."""
    try:
        sums = json.loads((source / MANIFEST).read_text())["sha256"]
    except (OSError, ValueError, KeyError) as problem:
        raise BackupFailed(f"{source} is no complete backup: its {MANIFEST} can't be read.") from problem
    for name in (DUMP, *FOLDERS):
        if not (source / name).is_file() or _sum(source / name) != sums.get(name):
            raise BackupFailed(f"{source / name} is missing or damaged.")


def complete(root: Path) -> list[Path]:
    """All complete backups, the oldest first."""
    return sorted(path.parent for path in root.glob(f"*Z/{MANIFEST}"))


def prune(root: Path, keep: int) -> list[Path]:
    """Remove all but the newest `keep` complete backups; those removed."""
    old = complete(root)[: -max(keep, 1)]
    for path in old:
        shutil.rmtree(path)
    return old


def newest(root: Path) -> datetime | None:
    """When the newest complete backup was taken."""
    found = complete(root)
    return datetime.strptime(found[-1].name, STAMP).replace(tzinfo=UTC) if found else None


def _only_postgresql() -> None:
    if connection.vendor != "postgresql":
        raise BackupFailed("Only PostgreSQL is backed up this way. SQLite is one file: stop TruFan and copy it.")


def _refuse_what_is_not_empty() -> None:
    if connection.introspection.table_names():
        raise BackupFailed("The database is not empty. Create a new one, and point DATABASE_URL to it.")
    for setting in FOLDERS.values():
        folder = Path(getattr(settings, setting))
        if folder.is_dir() and any(folder.iterdir()):
            raise BackupFailed(f"{setting} ({folder}) is not empty. Move it away, or set another.")


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(  # noqa: S603  the command is ours  # nosec B603
            command, env={**os.environ, **environment(connection.settings_dict)}, capture_output=True, text=True
        )
    except FileNotFoundError as missing:
        raise BackupFailed(f"{command[0]} is not installed: install PostgreSQL's client programs.") from missing
    if done.returncode:
        raise BackupFailed(f"{command[0]} failed: {done.stderr.strip()[-500:]}")


def environment(database: Mapping[str, Any]) -> dict[str, str]:
    """A connection of Django's as libpq reads it."""
    names = {"NAME": "PGDATABASE", "HOST": "PGHOST", "PORT": "PGPORT", "USER": "PGUSER", "PASSWORD": "PGPASSWORD"}
    found = {variable: str(database[name]) for name, variable in names.items() if database.get(name)}
    options = database.get("OPTIONS", {})
    return found | {variable: str(options[name]) for name, variable in _TLS.items() if options.get(name)}


def _pack(folder: Path, archive: Path) -> None:
    with tarfile.open(archive, "w") as packed:
        if folder.is_dir():
            packed.add(folder, arcname=".")


def _unpack(archive: Path, folder: Path) -> None:
    """Files and folders below `folder`, with their times and, as far as others may read but not write, their modes.

    Raises `BackupFailed` for anything else. Python's own `extractall(filter="data")` came with 3.11.4; Debian 12 has
    3.11.2.
    """
    within = folder.resolve()
    with tarfile.open(archive) as packed:
        for member in packed:
            target = (within / member.name).resolve()
            if not target.is_relative_to(within) or not (member.isfile() or member.isdir()):
                raise BackupFailed(f"{archive} holds {member.name!r}, which is no file of ours.")
            if member.isdir():
                target.mkdir(parents=True, exist_ok=True)
                continue
            # Of what is a file there is always something to read.
            with packed.extractfile(member) as source, target.open("wb") as file:  # type: ignore[union-attr]
                shutil.copyfileobj(source, file)
            target.chmod(member.mode & 0o755 | 0o600)
            os.utime(target, (member.mtime, member.mtime))


def _write_manifest(folder: Path, now: datetime) -> None:
    told = {"taken_at": now.isoformat(), "sha256": {name: _sum(folder / name) for name in (DUMP, *FOLDERS)}}
    (folder / MANIFEST).write_text(json.dumps(told, indent=2) + "\n")


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
