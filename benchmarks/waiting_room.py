"""Do ten thousand people keep their places, and is the order a fair one?

    .venv/bin/python benchmarks/waiting_room.py --people 10000 --connections 16

Starts the API on a database of its own (SQLite, or an empty one in DATABASE_URL); so many guests come over HTTP. In the
middle the server is killed with SIGKILL and started again; who had no answer asks again with the same
Idempotency-Key. Then everybody asks for their place, the room starts, and people are let in. Prints how many places
were lost or doubled (it fails unless none were), how long the requests took, whether those who were let in are those
with the lowest numbers, and a chi-squared test of the order against the order of coming. All on one machine.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PORT = 8793
TENTHS = 10
#: Chi-squared with nine degrees of freedom is above it once in a hundred fair draws.
SUSPICIOUS = 21.67


class Server:
    """The API in a process of its own, which can be killed."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "trufan.asgi:application", "--port", str(PORT), "--log-level", "error",
             "--backlog", "4096"],
            cwd=ROOT, env=self.environment,
        )  # fmt: skip
        while True:
            try:
                ask("GET", "/health/live")
                return
            except (OSError, http.client.HTTPException):
                time.sleep(0.2)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def ask(method: str, path: str, body: Any = None, key: str = "") -> tuple[int, Any]:
    """One request over a connection of this thread's; raises `OSError` when there is nobody."""
    kept = threading.current_thread().__dict__
    connection = kept.setdefault("connection", http.client.HTTPConnection("127.0.0.1", PORT, timeout=120))
    headers = {"Content-Type": "application/json", **({"Idempotency-Key": key} if key else {})}
    try:
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read() or b"null")
    except (OSError, http.client.HTTPException):
        connection.close()
        raise


def patiently(method: str, path: str, body: Any = None, key: str = "") -> tuple[Any, float]:
    """The answer, however often it takes, and the seconds of the try that had it."""
    while True:
        started = time.perf_counter()
        try:
            status, answer = ask(method, path, body, key)
        except (OSError, http.client.HTTPException):
            time.sleep(0.2)
            continue
        if status < 300:
            return answer, time.perf_counter() - started
        if status < 500 and status != 409:
            raise SystemExit(f"{method} {path}: {status} {answer}")
        time.sleep(0.2)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--people", type=int, default=10_000)
    options.add_argument("--connections", type=int, default=16)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/bench.sqlite3")
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "trufan.settings", "CELERY_BROKER_URL": "", "EMAIL_URL": "dummymail://",
            "LOG_LEVEL": "ERROR", "RATE_LIMIT_PER_MINUTE": "0", "DEBUG": "false",
        }  # fmt: skip
        sys.path.insert(0, str(ROOT))
        subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=ROOT, check=True)
        event_id = set_up()
        server = Server(dict(os.environ))
        try:
            measure(server, event_id, asked.people, asked.connections)
        finally:
            server.process.terminate()
            server.process.wait(timeout=60)


def set_up() -> str:
    """An event with a room that starts in a day."""
    import django

    django.setup()
    from django.utils import timezone

    from ticketing.waitingroom import running
    from trufan.testing import EventFactory, UserFactory

    now = timezone.now()
    event = EventFactory(starts_at=now + timedelta(days=30), name="On sale")
    running.set_up(event, UserFactory(), now, opens_at=now, starts_at=now + timedelta(days=1), at_once=1_000, batch=500)
    return str(event.pk)


def measure(server: Server, event_id: str, people: int, connections: int) -> None:
    path = f"/api/v1/events/{event_id}/waiting-room"
    came: list[str | None] = [None] * people
    half = threading.Event()

    def enter(number: int) -> float:
        answer, seconds = patiently("POST", path, {}, key=f"person-{number}")
        came[number] = answer["token"]
        if number == people // 2:
            half.set()
        return seconds

    def kill() -> None:
        half.wait()
        server.kill()
        server.start()

    killer = threading.Thread(target=kill)
    killer.start()
    started = time.perf_counter()
    with ThreadPoolExecutor(connections) as pool:
        report("entering", list(pool.map(enter, range(people))), time.perf_counter() - started)
        killer.join()
        started = time.perf_counter()
        places = list(pool.map(lambda token: patiently("GET", f"/api/v1/waiting-room/{token}"), came))
        report("asking before the start", [seconds for _, seconds in places], time.perf_counter() - started)
        ids = [place["id"] for place, _ in places]
        count_places(ids, people)
        start(event_id)
        started = time.perf_counter()
        places = list(pool.map(lambda token: patiently("GET", f"/api/v1/waiting-room/{token}"), came))
        report("asking while people are let in", [seconds for _, seconds in places], time.perf_counter() - started)
    look_at_the_order(ids)


def report(what: str, seconds: list[float], together: float) -> None:
    ordered = sorted(seconds)
    print(
        f"{what}: {len(ordered):,} in {together:.0f} s, {len(ordered) / together:.0f} a second; "
        f"median {1000 * statistics.median(ordered):.0f} ms, p99 {1000 * ordered[len(ordered) * 99 // 100]:.0f} ms"
    )


def count_places(ids: list[str], people: int) -> None:
    """Everybody has one place, and there are no others."""
    from ticketing.models import WaitingRoomEntry

    rows = {str(pk) for pk in WaitingRoomEntry.objects.values_list("pk", flat=True)}
    lost, doubled = people - len(rows & set(ids)), len(rows - set(ids))
    print(f"places: {len(rows):,}; lost {lost}, more than one each {doubled}")
    if lost or doubled or len(set(ids)) != people:
        raise SystemExit("Somebody has no place, or two.")


def start(event_id: str) -> None:
    from django.utils import timezone

    from ticketing.models import WaitingRoom

    WaitingRoom.objects.filter(event=event_id).update(starts_at=timezone.now())


def look_at_the_order(ids: list[str]) -> None:
    """Of those who came in each tenth, how many are among the first tenth to be let in? As many of each."""
    from ticketing.models import WaitingRoomEntry

    order = [str(pk) for pk in WaitingRoomEntry.objects.order_by("turn", "id").values_list("pk", flat=True)]
    inside = {str(pk) for pk in WaitingRoomEntry.objects.inside().values_list("pk", flat=True)}
    if inside != set(order[: len(inside)]) or not inside:
        raise SystemExit("Not those with the lowest numbers were let in.")
    print(f"let in: {len(inside):,}, those with the lowest numbers")
    first = set(order[: len(order) // TENTHS])
    tenth = len(ids) // TENTHS
    found = [sum(each in first for each in ids[n * tenth : (n + 1) * tenth]) for n in range(TENTHS)]
    expected = len(first) / TENTHS
    # Drawn without putting back: the sum is that much smaller than a chi-squared.
    chi = sum((n - expected) ** 2 for n in found) / expected / (1 - 1 / TENTHS)
    print(f"of each tenth that came, among the first tenth: {found}; chi-squared {chi:.1f} with 9 degrees of freedom")
    if chi > SUSPICIOUS:
        raise SystemExit("That happens to a fair draw less than once in a hundred times.")


if __name__ == "__main__":
    main()
