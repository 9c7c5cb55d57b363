"""Passing facts on within one serving process: heard once, read once, written once, sent to all who watch.

Versions are given here, so that within one connection they only grow, whatever the clocks of other machines say.
Everything runs on one event loop; queries run in a few threads beside it.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, TypeVar
from uuid import UUID, uuid4

import structlog
from channels.db import database_sync_to_async

from trufan.lib import correlation
from trufan.lib.live import publishing, topics

logger = structlog.get_logger("trufan.live")
#: How often the hub calls itself through the layer, and after how long without hearing itself it was cut off.
BEAT_SECONDS, CUT_SECONDS = 5.0, 12.0
#: How many sign-ins and permissions are looked at anew at once.
CHECKS_AT_ONCE = 4
#: How many keys are remembered with the id they resolve to.
KNOWN = 10_000
_threads = ThreadPoolExecutor(CHECKS_AT_ONCE, thread_name_prefix="live-query")

Address = tuple[str, UUID]
T = TypeVar("T")


class Watcher(Protocol):
    """One socket, as the hub sees it."""

    check_at: float

    def tell(self, address: Address, text: str) -> None: ...

    async def check(self) -> None: ...


async def query(ask: Callable[..., T], *args: Any) -> T:
    """Run what queries, in a thread with a connection of its own and the context of nobody's request."""

    def run() -> T:
        correlation.begin()
        return ask(*args)

    return await database_sync_to_async(run, thread_sensitive=False, executor=_threads)()


class Hub:
    """Who watches what on this loop."""

    def __init__(self) -> None:
        self.watching: defaultdict[Address, set[Watcher]] = defaultdict(set)
        self.watchers: set[Watcher] = set()
        self.is_listening = asyncio.Event()
        self._name = uuid4().hex
        self._channel = ""
        self._version = 0
        self._heard_at = time.monotonic()
        self._known: OrderedDict[tuple[str, UUID], UUID | None] = OrderedDict()
        self._told_at: dict[Address, float] = {}
        self._due: dict[Address, str] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._checks = asyncio.Semaphore(CHECKS_AT_ONCE)
        self._resolving: dict[tuple[str, UUID], list[str]] = {}

    # -- Its life --

    def start(self) -> None:
        publishing.outbox.serve_on(asyncio.get_running_loop())
        self.spawn(self._listen())
        self.spawn(self._beat())
        self.spawn(self._check())

    async def stop(self) -> None:
        publishing.outbox.serve_on(None)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def spawn(self, work: Any) -> None:
        """A task that is not forgotten while it runs."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # -- Who watches --

    def watch(self, watcher: Watcher, address: Address) -> int:
        """Add a watcher; the version from which on everything is told."""
        self.watching[address].add(watcher)
        return self.version()

    def leave(self, watcher: Watcher, address: Address) -> None:
        self.watching[address].discard(watcher)
        if not self.watching[address]:
            del self.watching[address]
            self._told_at.pop(address, None)

    def version(self) -> int:
        """The next one: microseconds since 1970, or one more than the last where that is not more."""
        self._version = max(self._version + 1, time.time_ns() // 1000)
        return self._version

    # -- What is heard --

    async def _listen(self) -> None:
        while True:
            layer = publishing.layer()
            try:
                channel = await layer.new_channel("live")
                self._channel = channel
                await layer.group_add(publishing.GROUP, channel)
                self.is_listening.set()
                while True:
                    self._hear_safely(await layer.receive(channel))
            except Exception as failure:  # noqa: BLE001  whatever the layer raises, we listen again
                logger.error("live.not_listening", error=repr(failure))
                await asyncio.sleep(1)

    def _hear_safely(self, message: dict[str, Any]) -> None:
        """One message that cannot be read costs itself and nothing else."""
        try:
            self.hear(message)
        except Exception:
            logger.exception("live.not_understood")

    def hear(self, message: dict[str, Any]) -> None:
        """One message of the layer. What is none of ours, or of a newer release, is passed over."""
        if message.get("type") == "live.beat":
            if message["hub"] == self._name:
                self._heard_myself()
        elif message.get("type") == "live.facts":
            for each in message["facts"]:
                self._hear_safely({"type": "live.fact", **each})
        elif message.get("type") == "live.fact":  # one alone, as the release before sent them
            self._hear_fact(message)

    def _hear_fact(self, told: dict[str, Any]) -> None:
        topic = topics.get(str(told.get("topic")))
        if topic is None:
            return
        key, event = UUID(told["key"]), told["event"]
        if topic.resolve is None:
            self._happened(topic, (topic.name, key), event, told["data"])
        elif any(name == topic.name for name, _ in self.watching):
            self._resolve(topic, key, event, topic.resolve)

    def _happened(self, topic: topics.Topic, address: Address, event: str, data: dict[str, Any]) -> None:
        if address not in self.watching:
            return
        if not topic.every:
            self.tell(address, event, data)
            return
        is_first = address not in self._due
        self._due[address] = event
        if is_first:
            wait = self._told_at.get(address, 0.0) + topic.every - time.monotonic()
            self.spawn(self._tell_later(topic, address, max(wait, 0.0)))

    async def _tell_later(self, topic: topics.Topic, address: Address, wait: float) -> None:
        """After the pause, the last of what happened meanwhile, with what is true then."""
        await asyncio.sleep(wait)
        event = self._due.pop(address)
        self._told_at[address] = time.monotonic()
        try:
            data = await query(topic.snapshot, address[1]) if topic.snapshot else {}
        except Exception:
            logger.exception("live.no_snapshot", topic=topic.name)
            event, data = topics.RESYNC, {}
        self.tell(address, event, data)

    def tell(self, address: Address, event: str, data: dict[str, Any]) -> None:
        """Written once for all watchers."""
        watchers = self.watching.get(address)
        if watchers:
            text = fact(address, event, self.version(), data)
            for watcher in list(watchers):
                watcher.tell(address, text)

    # -- Keys that are not the id --

    def _resolve(self, topic: topics.Topic, key: UUID, event: str, resolve: topics.Resolve) -> None:
        """Which id that is, asked once for each key; what comes meanwhile waits for the same answer."""
        known = (topic.name, key)
        if known in self._known:
            self._known.move_to_end(known)
            self._resolved(topic, self._known[known], event)
        elif known in self._resolving:
            self._resolving[known].append(event)
        else:
            self._resolving[known] = [event]
            self.spawn(self._ask_for(topic, known, resolve))

    async def _ask_for(self, topic: topics.Topic, known: tuple[str, UUID], resolve: topics.Resolve) -> None:
        try:
            found = await query(resolve, known[1])
        except Exception:
            logger.exception("live.not_resolved", topic=topic.name)
            self._resolving.pop(known)
            self.resync(topic.name)
            return
        self._known[known] = found
        if len(self._known) > KNOWN:
            self._known.popitem(last=False)
        for event in self._resolving.pop(known)[-1:]:
            self._resolved(topic, found, event)

    def _resolved(self, topic: topics.Topic, found: UUID | None, event: str) -> None:
        if found is not None:
            self._happened(topic, (topic.name, found), event, {})

    # -- Cut off --

    async def _beat(self) -> None:
        """Call ourselves through the layer: the only proof that what others send is heard."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            layer = publishing.layer()
            try:
                # Without Redis a member of a group is forgotten after a day.
                if self.is_listening.is_set():
                    await asyncio.wait_for(layer.group_add(publishing.GROUP, self._channel), publishing.SEND_SECONDS)
                beat = {"type": "live.beat", "hub": self._name}
                await asyncio.wait_for(publishing.send(beat), publishing.SEND_SECONDS)
            except Exception as failure:  # noqa: BLE001  whatever the layer raises, we call again
                logger.error("live.cut_off", error=repr(failure))

    def _heard_myself(self) -> None:
        now = time.monotonic()
        if now - self._heard_at > CUT_SECONDS:
            logger.warning("live.back", seconds=round(now - self._heard_at))
            self.resync()
        self._heard_at = now

    def resync(self, name: str = "") -> None:
        """Tell all watchers (of that topic) that facts may have been missed."""
        for address in list(self.watching):
            if name in ("", address[0]):
                self.tell(address, topics.RESYNC, {})

    # -- Still allowed? --

    async def _check(self) -> None:
        """Look once a second for sockets whose sign-in and permissions are due to be looked at anew."""
        while True:
            await asyncio.sleep(1)
            now = time.time()
            for watcher in [each for each in self.watchers if each.check_at <= now]:
                watcher.check_at = float("inf")  # until the check itself says when it is due again
                self.spawn(self._check_one(watcher))

    async def _check_one(self, watcher: Watcher) -> None:
        async with self._checks:
            await watcher.check()


def fact(address: Address, event: str, version: int, data: dict[str, Any]) -> str:
    """A fact as it is sent."""
    topic, pk = address
    said = {"type": "fact", "topic": topic, "id": str(pk), "event": event, "version": version, "data": data}
    return json.dumps(said, separators=(",", ":"))


_hubs: dict[asyncio.AbstractEventLoop, Hub] = {}


def here() -> Hub:
    """The hub of the loop that runs; started when there is none yet."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        for closed in [each for each in _hubs if each.is_closed()]:
            del _hubs[closed]
        _hubs[loop] = Hub()
        _hubs[loop].start()
    return _hubs[loop]


async def close() -> None:
    """Stop the hub of the loop that runs, if there is one."""
    hub = _hubs.pop(asyncio.get_running_loop(), None)
    if hub is not None:
        await hub.stop()
