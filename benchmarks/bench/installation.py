"""PostgreSQL, Redis and gunicorn as an installation runs them, each its own, started for one run and then removed."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from benchmarks.bench.processes import cpu_ms, tree
from trufan.tests.parts import Postgres, Redis, free_port, until

ROOT = Path(__file__).resolve().parent.parent.parent
HOST = "tickets.example.com"
_KEY = "measured-only-Zk2vWx9Lr4Tn8Bm3Hs6Jd1Fg5Pc0Ya7Qe"
#: So many that nobody is refused, while each request is counted in Redis all the same.
_PLENTY = "1000000000"


@dataclass(frozen=True)
class Model:
    """How gunicorn is told to work."""

    workers: int = 2
    threads: int = 8
    kind: str = "gthread"


class DurablePostgres(Postgres):
    """As an installation's: what is committed is on the disk. `home` is a folder to keep, with all that it holds."""

    def __init__(self, home: Path | None = None) -> None:
        self._keeps = home is not None
        if home is None or not (home / "data").exists():
            super().__init__()
            if home is not None:
                self.stop("fast")
                home.parent.mkdir(parents=True, exist_ok=True)
                shutil.move(self._folder, home)
        if home is not None:
            self.port, self._folder, self._as = free_port(), home, {}
            if os.geteuid() == 0:
                owner = pwd.getpwnam("postgres")
                self._as = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
            self.start()

    def remove(self) -> None:
        if self._keeps:
            self.stop("fast")
        else:
            super().remove()

    def start(self) -> None:
        options = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self._folder} -c shared_buffers=512MB"
            " -c max_wal_size=4GB -c max_connections=200 -c effective_cache_size=1GB"
        )
        self._control("start", "-w", "-o", options, "-l", str(self._folder / "log"))

    @property
    def pid(self) -> int:
        return int((self._folder / "data" / "postmaster.pid").read_text().split()[0])

    def address(self, name: str) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/{name}"


class Api:
    """One gunicorn on one database, by the command of the Dockerfile.

    Workers are not renewed after 10,000 requests as there: a restart in a measurement would be noise.
    """

    def __init__(self, environment: dict[str, str], log: Path, model: Model) -> None:
        self.port = free_port()
        self._metrics = tempfile.mkdtemp(prefix="trufan-metrics-")
        command = [
            sys.executable, "-m", "gunicorn", "trufan.wsgi", "--config", "deploy/gunicorn.conf.py", "--bind",
            f"127.0.0.1:{self.port}", "--workers", str(model.workers), "--worker-class", model.kind,
            "--threads", str(model.threads), "--timeout", "60", "--graceful-timeout", "30", "--keep-alive", "5",
            "--worker-tmp-dir", "/dev/shm", "--no-control-socket",  # noqa: S108  as the Dockerfile has it
        ]  # fmt: skip
        own = {"PROMETHEUS_MULTIPROC_DIR": self._metrics}
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                command, env={**environment, **own}, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT
            )
        until(lambda: self._get("/health").status_code == 200, seconds=90)

    def _get(self, path: str) -> requests.Response:
        return requests.get(f"http://127.0.0.1:{self.port}{path}", headers={"Host": HOST}, timeout=60)

    def queries(self) -> float:
        """How many queries all requests so far have made, apart from those for this."""
        made = 0.0
        for line in self._get("/metrics").text.splitlines():
            if line.startswith("trufan_http_queries_total{") and 'route="metrics"' not in line:
                made += float(line.rpartition(" ")[2])
        return made

    def workers(self) -> list[int]:
        return [pid for pid in tree(self.process.pid) if pid != self.process.pid]

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=40)
        shutil.rmtree(self._metrics, ignore_errors=True)


class Installation:
    """The services, and one API for each size of database."""

    def __init__(self, sizes: list[int], home: Path | None = None, model: Model | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="trufan-bench-"))
        self.postgres, self.redis, self._model = DurablePostgres(home), Redis(), model or Model()
        self.apis: dict[int, Api] = {}
        self._numbers = {size: number for number, size in enumerate(sizes)}

    def collect(self) -> None:
        """Gather what the console's pages are drawn with, as the image does when it is built."""
        command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
        environment = self.environment(next(iter(self._numbers))) | {"LOG_LEVEL": "ERROR"}
        subprocess.run(command, cwd=ROOT, env=environment, check=True)

    def environment(self, size: int) -> dict[str, str]:
        """As on a live server (staging: production itself refuses the sandbox gateway)."""
        redis_url = f"redis://127.0.0.1:{self.redis.port}/{self._numbers[size]}"
        keep = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return {
            **keep, "DJANGO_ENV": "staging", "DEBUG": "false", "SECRET_KEY": f"{_KEY}-one",
            "JWT_SIGNING_KEY": f"{_KEY}-two", "AUDIT_KEY": f"{_KEY}-three", "BUYER_KEY_SECRET": f"{_KEY}-four",
            "TICKET_SIGNING_KEYS": "bench:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "ALLOWED_HOSTS": HOST,
            "PUBLIC_URL": f"https://{HOST}", "FRONTEND_URL": "https://www.example.com",
            "DATABASE_URL": self.postgres.address(f"bench_{size}"), "REDIS_URL": redis_url,
            "EMAIL_URL": "smtp+tls://mail.example.com:587", "DEFAULT_FROM_EMAIL": "tickets@example.com",
            "PAYMENT_GATEWAY": "sandbox", "SANDBOX_WEBHOOK_SECRET": f"whsec_{_KEY}", "TRUSTED_PROXIES": "127.0.0.1",
            "RATE_LIMIT_PER_MINUTE": _PLENTY, "RATE_LIMIT_BURST": _PLENTY, "DOOR_LIMIT_PER_MINUTE": _PLENTY,
            "DOOR_LIMIT_BURST": _PLENTY, "LIMIT_LOGIN_PER_MINUTE": _PLENTY, "ACCESS_TOKEN_MINUTES": "600",
            # The dashboard is asked for by a manager who has only a password.
            "SECOND_FACTOR_PERMISSIONS": "",
            "DJANGO_SETTINGS_MODULE": "benchmarks.bench.served",
        }  # fmt: skip

    def serve(self, size: int) -> Api:
        self.apis[size] = Api(self.environment(size), self.folder / f"api-{size}.log", self._model)
        return self.apis[size]

    def cpu(self, size: int) -> dict[str, float]:
        """CPU-milliseconds so far, by kind of process."""
        return {
            "api": cpu_ms(self.apis[size].process.pid),
            "postgresql": cpu_ms(self.postgres.pid),
            "redis": cpu_ms(self.redis_pid),
        }

    @property
    def redis_pid(self) -> int:
        process: Any = self.redis._process
        return int(process.pid)

    def remove(self) -> None:
        for api in self.apis.values():
            api.stop()
        self.redis.stop()
        self.postgres.remove()
        shutil.rmtree(self.folder)
