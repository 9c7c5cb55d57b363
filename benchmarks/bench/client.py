"""The load client: keep-alive connections in one process of its own, which makes and reads requests by hand.

It costs a tenth of what the cheapest answer costs the server, and tells its own CPU time. A unit of work is one
request, or one and what follows from its answer: `then` is sent with `@ID@` replaced by the answer's `id`.
"""

from __future__ import annotations

import multiprocessing
import selectors
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from multiprocessing.connection import Connection
from typing import Any

#: The most that is read at once.
_CHUNK = 1 << 18
_MARK = b"@ID@"
#: After so many units a connection makes way for a new one. Which worker it comes to is luck, and most of the few there
#: are may come to one: with the same ones throughout, one worker did nearly all the work of a run, or half of it.
_RENEWED_AFTER = 20


@dataclass(frozen=True)
class Unit:
    """One request as it goes over the wire, and what follows from its answer."""

    first: bytes
    then: bytes = b""


@dataclass(frozen=True)
class Plan:
    """What to ask. `once`: each unit only once; else over and over. `seconds`: when to stop, if any unit is left."""

    port: int
    units: list[Unit]
    clients: int
    seconds: float
    once: bool = False
    #: The statuses that are right, and what must stand in the last body.
    statuses: tuple[int, ...] = (200,)
    holds: bytes = b""
    requests: int = 0


@dataclass
class Outcome:
    """What came of it. Latencies in milliseconds, by unit, in the order in which they ended."""

    seconds: float = 0.0
    cpu_ms: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    #: By status, when each unit with it ended (seconds from the start) and how long it took.
    ended: list[tuple[float, int]] = field(default_factory=list)
    wrong: str = ""
    #: How often the server closed a connection on which a request was already under way; it was sent again.
    reconnected: int = 0


class Caller:
    """One connection and the unit that it is busy with."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.connect()
        self.read, self.sent = bytearray(), b""
        self.unit = Unit(b"")
        self.started, self.second = 0.0, False
        self.left = _RENEWED_AFTER

    def connect(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self._port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, request: bytes) -> None:
        self.sent = request
        self.socket.sendall(request)

    def begin(self, unit: Unit) -> None:
        self.unit, self.started, self.second = unit, time.perf_counter(), False
        self.send(unit.first)

    def renew(self) -> None:
        self.socket.close()
        self.connect()
        self.left = _RENEWED_AFTER

    def send_again(self) -> None:
        """On a new connection: the server gave the old one up, as idle too long, before it saw the request."""
        if self.read:
            raise ConnectionError("the server hung up within an answer")
        self.socket.close()
        self.connect()
        self.send(self.sent)

    def follow(self, body: bytes) -> None:
        at = body.index(b'"id":"') + 6
        self.second = True
        self.send(self.unit.then.replace(_MARK, body[at : at + 36]))

    def answer(self) -> tuple[int, bytes] | None:
        """Status and body, once all of it is there. Raises `ConnectionError` when the server hung up."""
        more = self.socket.recv(_CHUNK)
        if not more:
            raise ConnectionError("the server hung up")
        self.read += more
        end = self.read.find(b"\r\n\r\n")
        if end < 0:
            return None
        head = bytes(self.read[:end]).lower()
        at = head.find(b"\r\ncontent-length:")
        size = int(head[at + 17 :].partition(b"\r\n")[0]) if at >= 0 else 0
        if len(self.read) < end + 4 + size:
            return None
        body = bytes(self.read[end + 4 :])
        self.read.clear()
        return int(head[9:12]), body


def run(plan: Plan) -> Outcome:
    """Carry it out in this process."""
    outcome, selector = Outcome(), selectors.DefaultSelector()
    callers = [Caller(plan.port) for _ in range(plan.clients)]
    for at, caller in enumerate(callers):
        selector.register(caller.socket, selectors.EVENT_READ, caller)
        # Not all at the same time.
        caller.left = 1 + at * _RENEWED_AFTER // len(callers)
    units = iter(plan.units) if plan.once else cycle(plan.units)
    cpu, begun = time.process_time(), time.perf_counter()
    busy = sum(_next(caller, units, outcome, plan, begun) for caller in callers)
    while busy:
        for key, _ in selector.select(timeout=60):
            caller = key.data
            try:
                answered = caller.answer()
            except ConnectionError:
                selector.unregister(caller.socket)
                caller.send_again()
                selector.register(caller.socket, selectors.EVENT_READ, caller)
                outcome.reconnected += 1
                continue
            if answered is not None and _done(caller, answered, outcome, plan, begun):
                caller.left -= 1
                if not caller.left:
                    selector.unregister(caller.socket)
                    caller.renew()
                    selector.register(caller.socket, selectors.EVENT_READ, caller)
                busy -= not _next(caller, units, outcome, plan, begun)
    outcome.seconds, outcome.cpu_ms = time.perf_counter() - begun, (time.process_time() - cpu) * 1000
    for caller in callers:
        caller.socket.close()
    return outcome


def _next(caller: Caller, units: Iterator[Unit], outcome: Outcome, plan: Plan, begun: float) -> bool:
    over = time.perf_counter() - begun >= plan.seconds
    if over or outcome.wrong or (plan.requests and len(outcome.latencies) >= plan.requests):
        return False
    unit = next(units, None)
    if unit is not None:
        caller.begin(unit)
    return unit is not None


def _done(caller: Caller, answered: tuple[int, bytes], outcome: Outcome, plan: Plan, begun: float) -> bool:
    """Whether the unit has ended."""
    status, body = answered
    if caller.unit.then and not caller.second and status < 300:
        caller.follow(body)
        return False
    now = time.perf_counter()
    outcome.latencies.append((now - caller.started) * 1000)
    outcome.ended.append((now - begun, status))
    outcome.statuses[status] = outcome.statuses.get(status, 0) + 1
    if not outcome.wrong and (status not in plan.statuses or plan.holds not in body):
        outcome.wrong = f"{status} {body[:600].decode(errors='replace')}"
    return True


def _serve(pipe: Connection) -> None:
    while True:
        plan = pipe.recv()
        if plan is None:
            return
        try:
            pipe.send(run(plan))
        except OSError as problem:
            pipe.send(Outcome(wrong=f"{type(problem).__name__}: {problem}"))


class Client:
    """The process. `run` raises `RuntimeError` where an answer was not what the plan says."""

    def __init__(self) -> None:
        context: Any = multiprocessing.get_context("spawn")
        self._pipe, far = context.Pipe()
        self._process = context.Process(target=_serve, args=(far,), daemon=True)
        self._process.start()

    def run(self, plan: Plan) -> Outcome:
        self._pipe.send(plan)
        outcome: Outcome = self._pipe.recv()
        if outcome.wrong:
            raise RuntimeError(f"not what was expected: {outcome.wrong}")
        return outcome

    def stop(self) -> None:
        self._pipe.send(None)
        self._process.join(timeout=10)
