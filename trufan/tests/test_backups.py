"""A backup brings everything back, and a damaged one is refused before anything is written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from django.conf import settings as live
from django.core.management import CommandError, call_command
from django.db import connection
from psycopg import sql

from audit import protection
from payments import ledger_protection
from trufan import backups

NOW = datetime(2027, 6, 1, 3, tzinfo=UTC)


def test_the_password_is_in_the_environment_and_nowhere_else(monkeypatch, tmp_path):
    database = {"NAME": "t", "HOST": "db", "PORT": "", "USER": "u", "PASSWORD": "pw", "OPTIONS": {"sslmode": "require"}}
    assert backups.environment(database) == {
        "PGDATABASE": "t", "PGHOST": "db", "PGUSER": "u", "PGPASSWORD": "pw", "PGSSLMODE": "require",
    }  # fmt: skip


def a_backup(root: Path, taken: datetime) -> Path:
    folder = root / taken.strftime(backups.STAMP)
    folder.mkdir(parents=True)
    for name in (backups.DUMP, *backups.FOLDERS):
        (folder / name).write_bytes(name.encode())
    backups._write_manifest(folder, taken)
    return folder


def test_a_damaged_backup_is_refused(tmp_path):
    folder = a_backup(tmp_path, NOW)
    backups.verify(folder)
    (folder / "media.tar").write_bytes(b"bitten")
    with pytest.raises(backups.BackupFailed, match=r"media\.tar"):
        backups.verify(folder)
    (folder / backups.MANIFEST).unlink()
    with pytest.raises(backups.BackupFailed, match="no complete backup"):
        backups.verify(folder)


def test_pictures_come_back_as_they_were(tmp_path):
    media, back = tmp_path / "media", tmp_path / "back"
    (media / "events" / "empty").mkdir(parents=True)
    picture = media / "events" / "night.png"
    picture.write_bytes(b"\x89PNG")
    picture.chmod(0o640)
    os.utime(picture, (1_700_000_000, 1_700_000_000))
    backups._pack(media, tmp_path / "media.tar")
    back.mkdir()
    backups._unpack(tmp_path / "media.tar", back)
    found = back / "events" / "night.png"
    assert found.read_bytes() == b"\x89PNG"
    assert (found.stat().st_mode & 0o777, found.stat().st_mtime) == (0o640, 1_700_000_000)
    assert (back / "events" / "empty").is_dir()


@pytest.mark.parametrize(("name", "kind"), [("../outside", tarfile.REGTYPE), ("/etc/thing", tarfile.REGTYPE),
                                            ("link", tarfile.SYMTYPE), ("pipe", tarfile.FIFOTYPE)])  # fmt: skip
def test_nothing_is_written_outside_of_the_folder(tmp_path, name, kind):
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, "/etc"
    with tarfile.open(tmp_path / "media.tar", "w") as archive:
        archive.addfile(member)
    (tmp_path / "back").mkdir()
    with pytest.raises(backups.BackupFailed, match="no file of ours"):
        backups._unpack(tmp_path / "media.tar", tmp_path / "back")
    assert not (tmp_path / "outside").exists()
    assert list((tmp_path / "back").iterdir()) == []


def test_the_newest_are_kept_and_unfinished_ones_not_counted(tmp_path):
    kept = [a_backup(tmp_path, NOW + timedelta(days=day)) for day in range(3)]
    (tmp_path / "20270609T030000Z").mkdir()
    assert backups.newest(tmp_path) == NOW + timedelta(days=2)
    assert backups.prune(tmp_path, 2) == kept[:1]
    assert backups.complete(tmp_path) == kept[1:]
    assert backups.newest(tmp_path / "none") is None


def test_sqlite_is_refused_with_a_reason(tmp_path, monkeypatch):
    monkeypatch.setattr(connection, "vendor", "sqlite")
    with pytest.raises(CommandError, match="Only PostgreSQL"):
        call_command("backup", to=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_keep_takes_a_number_above_zero(tmp_path):
    with pytest.raises(CommandError, match="above 0"):
        call_command("backup", to=tmp_path, keep=0)


def url(name: str) -> str:
    given = connection.settings_dict
    password = f":{quote(given['PASSWORD'], safe='')}" if given["PASSWORD"] else ""
    return f"postgres://{given['USER']}{password}@{given['HOST']}:{given['PORT']}/{name}"


@pytest.fixture
def empty_database():
    """The name of a database that is empty, and gone afterwards."""
    name = f"{connection.settings_dict['NAME']}_restored"
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    with psycopg.connect(url("postgres"), autocommit=True) as admin:
        admin.execute(drop)
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    yield name
    with psycopg.connect(url("postgres"), autocommit=True) as admin:
        admin.execute(drop)


@pytest.fixture
def guarded(transactional_db):
    """The triggers of a real database, which others of this suite's tests do without."""
    protection.install(connection)
    ledger_protection.install(connection)
    yield
    protection.remove(connection)
    ledger_protection.remove(connection)


@pytest.mark.postgres
def test_the_demonstration_comes_back_and_passes_every_check(settings, tmp_path, guarded, empty_database):
    settings.MEDIA_ROOT, settings.PRIVATE_ROOT = str(tmp_path / "media"), str(tmp_path / "private")
    (tmp_path / "media").mkdir()
    call_command("seed_demo", verbosity=0)
    (tmp_path / "media" / "stand.webp").write_bytes(b"a picture")
    call_command("backup", to=tmp_path / "backups")
    (folder,) = backups.complete(tmp_path / "backups")

    first = restore(folder, empty_database, tmp_path / "elsewhere")
    assert first.returncode == 0, first.stderr
    assert "does not stand" not in first.stderr
    for said in ("All counters equal", "The books are sound.", "Intact:", ", 0 of them different."):
        assert said in first.stdout
    assert (tmp_path / "elsewhere" / "media" / "stand.webp").read_bytes() == b"a picture"
    assert rows(empty_database) == rows(str(connection.settings_dict["NAME"]))

    again = restore(folder, empty_database, tmp_path / "a-third")
    assert again.returncode == 1
    assert "The database is not empty" in again.stderr


def restore(folder: Path, database: str, files: Path) -> subprocess.CompletedProcess[str]:
    """As an operator does, in a process of its own."""
    environment = {
        **os.environ,
        "DJANGO_ENV": "development",
        "DATABASE_URL": url(database),
        "MEDIA_ROOT": str(files / "media"),
        "PRIVATE_ROOT": str(files / "private"),
        "DJANGO_SETTINGS_MODULE": "trufan.settings",
    }
    command = [sys.executable, "manage.py", "restore", str(folder)]
    return subprocess.run(command, env=environment, cwd=live.BASE_DIR, capture_output=True, text=True, timeout=600)


def rows(database: str) -> dict[str, int]:
    """How many rows some tables hold; those of the audit's own checks are the restore's."""
    tables = ("orders_order", "orders_orderitem", "payments_payment", "ticketing_ticket", "audit_auditlog")
    with psycopg.connect(url(database)) as there:
        counted = {table: there.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}  # noqa: S608
    assert counted["orders_order"] > 0, json.dumps(counted)
    return counted
