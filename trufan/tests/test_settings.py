"""The settings, their documentation, and what the suite itself runs on."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.conf import settings

READ = re.compile(r"""\benv(?:\.\w+)?\(\s*["'](\w+)["']""")
DOCUMENTED = re.compile(r"^#? ?([A-Z][A-Z0-9_]+)=", re.MULTILINE)


def names_that_settings_read() -> set[str]:
    return set(READ.findall((Path(settings.BASE_DIR) / "trufan" / "settings.py").read_text()))


def test_the_suite_runs_in_the_test_environment():
    assert settings.DJANGO_ENV == "test"
    assert not settings.DEBUG


def test_every_name_that_the_settings_read_is_documented_and_no_other():
    documented = DOCUMENTED.findall((Path(settings.BASE_DIR) / ".env.example").read_text())
    assert {"SECRET_KEY", "DB_POOL_SIZE", "EMAIL_URL"} <= names_that_settings_read()
    assert sorted(documented) == sorted(names_that_settings_read())


def database_options(url: str, **environment: str) -> dict[str, Any]:
    """What a process of development opens the database with."""
    program = "import json; from trufan import settings; print(json.dumps(settings.DATABASES['default']['OPTIONS']))"
    run = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "DJANGO_ENV": "development", "DATABASE_URL": url, **environment},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return json.loads(run.stdout)


def test_postgresql_is_opened_with_a_pool_of_ten_and_twenty_more():
    assert database_options("postgres://127.0.0.1/trufan")["pool"]["max_size"] == 30
    resized = database_options("postgres://127.0.0.1/trufan", DB_POOL_SIZE="2", DB_POOL_OVERFLOW="3", DB_POOL_MIN="2")
    assert (resized["pool"]["min_size"], resized["pool"]["max_size"]) == (2, 5)


def test_behind_a_pooler_nothing_is_kept_between_transactions():
    program = "import json; from trufan import settings; print(json.dumps(settings.DATABASES))"
    environment = {"DATABASE_URL": "postgres://127.0.0.1/trufan", "REPLICA_DATABASE_URL": "postgres://replica/trufan"}
    run = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "DJANGO_ENV": "development", "DATABASE_POOLER": "transaction", **environment},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    for database in json.loads(run.stdout).values():
        assert database["DISABLE_SERVER_SIDE_CURSORS"] and database["CONN_HEALTH_CHECKS"]
        assert database["CONN_MAX_AGE"] == 60 and database["OPTIONS"]["prepare_threshold"] is None
        assert "pool" not in database["OPTIONS"]


def test_writers_of_sqlite_queue():
    options = database_options("sqlite:///queue.sqlite3")
    assert options["transaction_mode"] == "IMMEDIATE"
    assert options["timeout"] > 0
    assert "journal_mode=WAL" in options["init_command"]


def secret_key(**environment: str) -> subprocess.CompletedProcess[str]:
    """What a process prints that is given this environment."""
    return subprocess.run(
        [sys.executable, "-c", "from trufan import settings; print(repr(settings.SECRET_KEY))"],
        env={**os.environ, "DJANGO_ENV": "development", **environment},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_secret_may_stand_in_a_file_and_a_missing_file_is_a_refusal(tmp_path):
    path = tmp_path / "secret_key"
    path.write_text("from a file\n")
    assert secret_key(SECRET_KEY="a variable", SECRET_KEY_FILE=str(path)).stdout.strip() == "'from a file'"
    assert secret_key(SECRET_KEY="a variable").stdout.strip() == "'a variable'"
    refused = secret_key(SECRET_KEY_FILE=str(tmp_path / "none"))
    assert refused.returncode == 1
    assert "FileNotFoundError" in refused.stderr
