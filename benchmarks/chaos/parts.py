"""Everything that runs: PostgreSQL, Redis, gunicorn, a Celery worker, beat and the payment stand-in."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import redis
import requests
from django.conf import settings

from benchmarks.chaos.seeding import SEED
from payments.tests.stripe_standin import API_KEY, SECRETS
from trufan.tests.parts import House, Postgres, Redis, free_port, program, until


class KeepingRedis(Redis):
    """Writes down what it holds, as an installation's does, so that a restart alone loses little of it."""

    def __init__(self) -> None:
        self.folder = tempfile.mkdtemp(prefix="trufan-redis-")
        super().__init__()

    def start(self) -> None:
        command = [program("redis-server"), "--port", str(self.port), "--bind", "127.0.0.1", "--save", "",
                   "--appendonly", "yes", "--dir", self.folder]  # fmt: skip
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        until(self.is_up)

    def is_up(self) -> bool:
        try:
            with redis.Redis(port=self.port) as caller:
                return bool(caller.ping())
        except redis.ConnectionError:
            return False

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder)


class Process:
    """One program in a process group of its own; what it prints goes to a file."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str], logs: Path) -> None:
        self.name, self.command, self.environment = name, command, environment
        self.log = logs / f"{name}.log"
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                self.command, env=self.environment, cwd=settings.BASE_DIR, start_new_session=True,
                stdout=out, stderr=subprocess.STDOUT,
            )  # fmt: skip

    def children(self) -> list[int]:
        pid = self.process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def kill(self) -> None:
        """kill -9, children and all, in the middle of whatever they do."""
        self._signal(signal.SIGKILL)
        self.process.wait()

    def stop(self, seconds: float = 40) -> None:
        """SIGTERM to the master, as a deployment does; killed where that does not end it in time."""
        if self.process.poll() is None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):  # It is killed below.
                self.process.wait(timeout=seconds)
        self.kill()

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):  # All of it has ended.
            os.killpg(self.process.pid, number)


class Venue(House):
    """The whole installation. `url` is where its API is."""

    def __init__(self, seed: str) -> None:
        self.logs = Path(tempfile.mkdtemp(prefix="trufan-chaos-"))
        self.port, self.running = free_port(), {}
        self.postgres, self.redis = Postgres(), KeepingRedis()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            "DATABASE_URL": self.postgres.url, "REDIS_URL": self.redis.url, "DJANGO_ENV": "development",
            "DJANGO_SETTINGS_MODULE": "trufan.settings", "DEBUG": "false",
            "CELERY_BROKER_URL": f"redis://127.0.0.1:{self.redis.port}/1", "EMAIL_URL": "dummymail://",
            "RATE_LIMIT_PER_MINUTE": "0", "DB_POOL_TIMEOUT": "3", "DB_POOL_SIZE": "6", "DB_POOL_OVERFLOW": "6",
            "SWEEP_SECONDS": "5", "STRIPE_SECRET_KEY": API_KEY, "STRIPE_WEBHOOK_SECRETS": ",".join(SECRETS),
            "PAYMENT_GATEWAY": "stripe", "STRIPE_TIMEOUT_SECONDS": "4", "LOG_LEVEL": "WARNING",
        }  # fmt: skip
        try:
            self._run(seed)
        except BaseException:
            self.remove()
            raise

    def _run(self, seed: str) -> None:
        self.manage("migrate", "-v0")
        self.seeded = json.loads(self.manage("shell", "-v0", "-c", SEED).splitlines()[-1])
        standin = self._start("standin", "-m", "benchmarks.chaos.standin", f"{self.url}/api/v1/webhooks/stripe", seed)
        until(lambda: "http" in standin.log.read_text())
        self.standin_url = standin.log.read_text().split()[0]
        self.environment["STRIPE_API_BASE"] = self.standin_url
        self._start(
            "gunicorn", "-m", "gunicorn", "trufan.wsgi", "--config", "deploy/gunicorn.conf.py", "--bind",
            f"127.0.0.1:{self.port}", "--workers", "2", "--worker-class", "gthread", "--threads", "8", "--timeout",
            "60", "--graceful-timeout", "30", "--worker-tmp-dir", "/dev/shm", "--log-level", "warning",
        )  # fmt: skip
        self._start("worker", "-m", "celery", "-A", "trufan", "worker", "--loglevel", "warning", "--concurrency", "2")
        beat = self.logs / "beat-schedule"
        self._start("beat", "-m", "celery", "-A", "trufan", "beat", "--loglevel", "warning", "--schedule", str(beat),
                    "--pidfile=")  # fmt: skip
        until(self.is_up, seconds=60)

    def _start(self, name: str, *command: str) -> Process:
        environment = {**os.environ, **self.environment}
        self.running[name] = Process(name, [sys.executable, *command], environment, self.logs)
        return self.running[name]

    def is_up(self) -> bool:
        return requests.get(f"{self.url}/health/ready", timeout=10).status_code == 200

    def revive(self) -> list[str]:
        """Start again what has ended by itself, as a container would be; the names of those."""
        ended = [part for part in self.running.values() if part.process.poll() is not None]
        for part in ended:
            part.start()
        return [part.name for part in ended]

    def rage(self, *, on: bool) -> None:
        requests.post(f"{self.standin_url}/{'_rage' if on else '_calm'}", timeout=30)

    def books(self) -> dict[str, Any]:
        return requests.get(f"{self.standin_url}/_books", timeout=60).json()

    def errors(self) -> list[str]:
        """The last line of each traceback in the logs: what went wrong unforeseen."""
        found = []
        for part in self.running.values():
            inside = False
            for line in part.log.read_text(errors="replace").splitlines():
                if line.startswith("Traceback"):
                    inside = True
                elif inside and line and not line.startswith((" ", "\t")):
                    inside = False
                    found.append(f"{part.name}: {line[:150]}")
        return found

    def remove(self) -> None:
        for part in self.running.values():
            part.kill()
        self.redis.remove()
        self.postgres.remove()
