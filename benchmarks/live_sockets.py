"""How many sockets does one process hold, and how soon do they hear?

    .venv/bin/python benchmarks/live_sockets.py --sockets 2000 --seconds 30

Starts `uvicorn trufan.asgi:application` on a database of its own (SQLite, no Redis), opens the sockets from this
process, lets every one watch the same event, and changes the event once a second as its operator would. Prints from the
operator's request to each socket's hearing: median, 99th percentile and longest; memory for each socket and the
processor's time of the server. Client and server share the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from websockets.asyncio.client import connect

ROOT = Path(__file__).resolve().parent.parent
PORT = 8790
TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sockets", type=int, default=2000)
    options.add_argument("--seconds", type=int, default=30)
    asked = options.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 3 * asked.sockets + 1000), hard))
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ, "DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3", "REDIS_URL": "", "CELERY_BROKER_URL": "",
            "EMAIL_URL": "dummymail://", "LOG_LEVEL": "ERROR", "RATE_LIMIT_PER_MINUTE": "0", "DEBUG": "false",
        }  # fmt: skip
        for command in (["migrate", "--verbosity", "0"], ["seed_demo"]):
            subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environment, check=True,
                           stdout=subprocess.DEVNULL)  # fmt: skip
        server = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "trufan.asgi:application", "--port", str(PORT), "--lifespan", "on",
             "--ws", "websockets-sansio", "--ws-max-size", "4096", "--log-level", "error", "--backlog", "4096"],
            cwd=ROOT, env=environment,
        )  # fmt: skip
        try:
            wait_for_it()
            asyncio.run(measure(server.pid, asked.sockets, asked.seconds))
        finally:
            server.terminate()
            server.wait(timeout=60)


def call(method: str, path: str, body: Any = None, token: str = "") -> Any:
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(f"http://127.0.0.1:{PORT}{path}", data, headers, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def wait_for_it() -> None:
    for _ in range(200):
        try:
            call("GET", "/health")
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("the server did not come up")


def memory(pid: int) -> int:
    """Resident bytes."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def processor(pid: int) -> float:
    """Seconds of the processor's time so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


async def measure(pid: int, sockets: int, seconds: int) -> None:
    event = call("GET", "/api/v1/events")["results"][0]["id"]
    token = call("POST", "/api/v1/auth/login", {"email": "manager@trufan.com", "password": "Manager123!"})
    token = token["access_token"]
    before = memory(pid)
    gate = asyncio.Semaphore(50)
    heard: list[float] = []
    opened = await asyncio.gather(*(open_one(gate, event) for _ in range(sockets)))
    await asyncio.sleep(2)
    held = memory(pid)
    listeners = [asyncio.create_task(listen(each, heard)) for each in opened]
    began, spent = time.monotonic(), processor(pid)
    published = await publish(event, token, seconds)
    await asyncio.sleep(2)
    took, spent = time.monotonic() - began, processor(pid) - spent
    for task in listeners:
        task.cancel()
    late = []
    for at in heard:
        behind = [at - each for each in published if each <= at]
        late.append(1000 * min(behind))
    late.sort()
    print(f"{sockets} sockets, {len(published)} changes in {took:.0f} s, {len(heard)} facts heard "
          f"of {sockets * len(published)}")  # fmt: skip
    print(f"from the operator's request to a socket's hearing, ms: median {statistics.median(late):.0f}, "
          f"p99 {late[int(len(late) * 0.99)]:.0f}, longest {late[-1]:.0f}")  # fmt: skip
    print(f"memory: {before / 2**20:.0f} MB without, {held / 2**20:.0f} MB with, "
          f"{(held - before) / sockets / 1024:.1f} KB a socket, {memory(pid) / 2**20:.0f} MB at the end")  # fmt: skip
    print(f"processor: {100 * spent / took:.0f} % of one core")


async def open_one(gate: asyncio.Semaphore, event: str) -> Any:
    async with gate:
        socket = await connect(f"ws://127.0.0.1:{PORT}/ws/v1/", compression=None, open_timeout=120, ping_interval=None)
        await socket.send(json.dumps({"type": "subscribe", "topic": "event", "id": event}))
        answer = json.loads(await socket.recv())
        if answer["type"] != "subscribed":
            raise RuntimeError(answer)
        return socket


async def listen(socket: Any, heard: list[float]) -> None:
    async for _ in socket:
        heard.append(time.monotonic())


async def publish(event: str, token: str, seconds: int) -> list[float]:
    """One change every 1.1 seconds, beyond the pause that the topic keeps; when each was asked for."""
    asked = []
    for number in range(seconds):
        asked.append(time.monotonic())
        await asyncio.to_thread(call, "PATCH", f"/api/v1/events/{event}", {"description": f"Change {number}"}, token)
        await asyncio.sleep(max(0.0, asked[-1] + 1.1 - time.monotonic()))
    return asked


if __name__ == "__main__":
    main()
