"""Servers are replaced under load, and nobody who asks notices."""

from __future__ import annotations

import os
import signal
import threading
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

from trufan.tests.servers import Server, ask, servers

CONFIG = ("--config", "deploy/gunicorn.conf.py")


class Load:
    """Callers that ask for `path` until it ends. `ports`: where, in turn, as a balancer that knows who is there."""

    def __init__(self, ports: list[int], path: str, callers: int = 4) -> None:
        self.ports, self.path = ports, path
        self.good, self.bad = 0, list[str]()
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(n,)) for n in range(callers)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(timeout=60)

    def _ask(self, turn: int) -> None:
        while not self._over.is_set():
            turn += 1
            ports = list(self.ports)
            try:
                status, _ = ask(HTTPConnection("127.0.0.1", ports[turn % len(ports)], timeout=30), "GET", self.path)
            except (OSError, HTTPException) as failure:
                self.bad.append(repr(failure))
            else:
                if status == 200:
                    self.good += 1
                else:
                    self.bad.append(str(status))

    def goes_on(self, answers: int = 20, seconds: float = 60) -> None:
        """Wait until so many more were answered. Raises `TimeoutError`."""
        goal, over = self.good + answers, time.monotonic() + seconds
        while self.good < goal:
            if time.monotonic() > over:
                raise TimeoutError(f"{self.good} answers, {self.bad[:3]}")
            time.sleep(0.05)


def workers_of(server: Server) -> set[int]:
    told = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text()
    return {int(pid) for pid in told.split()}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_new_processes_take_over_and_no_request_fails():
    with servers(1, workers=2, extra=CONFIG) as (server,):
        before = workers_of(server)
        with Load([server.port], "/api/v1/events") as load:
            load.goes_on()
            os.kill(server.process.pid, signal.SIGHUP)
            over = time.monotonic() + 90
            while workers_of(server) & before and time.monotonic() < over:
                time.sleep(0.1)
            assert not workers_of(server) & before
            load.goes_on()
    assert load.bad == []


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_one_of_two_servers_ends_and_no_request_fails():
    with (
        servers(2, workers=1, extra=CONFIG) as (stays, leaves),
        Load([stays.port, leaves.port], "/api/v1/events") as load,
    ):
        load.goes_on()
        # What was sent to it before the balancer left it out is still answered.
        load.ports.remove(leaves.port)
        os.kill(leaves.process.pid, signal.SIGTERM)
        assert leaves.process.wait(timeout=60) == 0
        load.goes_on()
    assert load.bad == []
