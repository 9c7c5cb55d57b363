"""A PostgreSQL and a Redis of a test's own, which it may stop and start as it likes; and a house that sells on them."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from django.conf import settings

from trufan.tests.servers import Server


def program(name: str) -> str | None:
    """Where a program is: on the path, or where Debian keeps those of PostgreSQL."""
    kept = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(kept[-1]) if kept else None)


def missing() -> list[str]:
    """The programs without which these tests can't be run here."""
    return [name for name in ("initdb", "pg_ctl", "redis-server") if not program(name)]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Postgres:
    """PostgreSQL does not run as root: there it is run by the user whom its package makes."""

    def __init__(self) -> None:
        self.port = free_port()
        self._folder = Path(tempfile.mkdtemp(prefix="trufan-postgres-"))
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(self._folder, owner.pw_uid, owner.pw_gid)
            self._as = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
        self._run("initdb", "-D", str(self._folder / "data"), "-A", "trust", "-U", "postgres", "--no-sync")
        self.start()

    @property
    def url(self) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c fsync=off -k {self._folder}"
        self._control("start", "-w", "-o", options, "-l", str(self._folder / "log"))

    def stop(self, mode: str = "immediate") -> None:
        """As a machine that is switched off: nobody is waited for. `mode` is pg_ctl's."""
        self._control("stop", "-w", "-m", mode)

    def remove(self) -> None:
        if (self._folder / "data" / "postmaster.pid").exists():
            self.stop()
        shutil.rmtree(self._folder)

    def _control(self, *arguments: str) -> None:
        self._run("pg_ctl", "-D", str(self._folder / "data"), *arguments)

    def _run(self, name: str, *arguments: str) -> None:
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run([program(name), *arguments], check=True, cwd=self._folder, timeout=120, **quiet, **self._as)


class Redis:
    def __init__(self) -> None:
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        command = [program("redis-server"), "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=tempfile.gettempdir())
        until(lambda: socket.create_connection(("127.0.0.1", self.port), timeout=1).close() is None)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=10)
            self._process = None


SEED = """
import json
from trufan.testing import PASSWORD, EventFactory, StaffFactory, TicketTypeFactory, UserFactory
from accounts.models import Role
from venues.models import VenueStaff
kind = TicketTypeFactory(quantity=500)
gus = StaffFactory(venue=kind.event.venue, role=VenueStaff.Role.DOOR).user
ada = UserFactory(role=Role.SUPER_ADMIN)
print(json.dumps({"ticket_type": str(kind.pk), "event": str(kind.event_id), "gus": gus.email, "ada": ada.email,
                  "password": PASSWORD}))
"""


class House:
    """Both parts, with the tables and something on sale: `self.seeded` names it."""

    def __init__(self) -> None:
        self.postgres, self.redis = Postgres(), Redis()
        # As a server runs, not as the suite does, where tasks are done at once.
        self.environment = {
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.redis.url,
            "DJANGO_ENV": "development",
            "DJANGO_SETTINGS_MODULE": "trufan.settings",
        }
        try:
            self.manage("migrate", "-v0")
            self.seeded: dict[str, str] = json.loads(self.manage("shell", "-v0", "-c", SEED).splitlines()[-1])
        except BaseException:
            self.remove()
            raise

    def manage(self, *arguments: str) -> str:
        """Run a command of manage.py; what it printed."""
        environment = {**os.environ, "EMAIL_URL": "dummymail://", **self.environment}
        run = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=settings.BASE_DIR,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert run.returncode == 0, run.stderr
        return run.stdout

    def server(self, **options: Any) -> Server:
        given = {"DB_POOL_TIMEOUT": "3", "CELERY_BROKER_URL": self.redis.url, **self.environment, **options}
        return Server(**given)

    def remove(self) -> None:
        self.redis.stop()
        self.postgres.remove()


def until(holds: Any, seconds: float = 30) -> None:
    """Wait for what becomes true; an error on the way is a no. Raises `TimeoutError`."""
    over = time.monotonic() + seconds
    while time.monotonic() < over:
        try:
            if holds():
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise TimeoutError(f"not within {seconds} seconds")
