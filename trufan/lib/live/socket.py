"""One watcher's connection, as an ASGI application: what is read from it, what it is told, when it is closed.

Facts wait in `_outbox`, the last one for each address: a client that reads slowly misses steps between, never the last
state, and costs no more memory than its subscriptions.
"""

from __future__ import annotations

import asyncio
import json
import time
from random import random
from typing import Any
from uuid import UUID

import structlog
from django.utils.translation import gettext

from trufan.lib.errors import (
    AuthenticationFailed,
    DomainError,
    Missing,
    NotAuthenticated,
    TooMany,
    Unavailable,
)
from trufan.lib.live import hub, identity, origins, requests, topics
from trufan.lib.live.errors import MOST_TOPICS, TooManyTopics
from trufan.lib.live.hub import Address

logger = structlog.get_logger("trufan.live")

FIRST_WORD_SECONDS = 5.0
#: Messages that may come at once, and how many more each second.
BURST, PER_SECOND = 60, 5
#: How long a sign-in and permissions are believed.
CHECK_SECONDS = 50.0
#: How long a client is given to take a message.
SEND_SECONDS = 20.0
#: Why we closed: docs/live.md says what a client does then.
SIGN_IN_ENDED, NOTHING_SAID, FLOODED, TOO_LARGE, TOO_SLOW, NO_TEXT = 4401, 4408, 4429, 1009, 4413, 1003


class Closed(Exception):
    """The connection ends, with this code and words."""

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """The WebSocket side of the service: `/ws/v1/` and nothing else."""
    if scope["path"] != "/ws/v1/" or not origins.is_welcome(scope):
        await receive()
        await send({"type": "websocket.close", "code": 4403})
        return
    await Socket(receive, send).run()


class Socket:
    """See `hub.Watcher`."""

    def __init__(self, receive: Any, send: Any) -> None:
        self._receive, self._asgi_send = receive, send
        self._hub = hub.here()
        self._identity = identity.GUEST
        self._topics: dict[Address, str] = {}
        self._outbox: dict[Address, str] = {}
        self._is_writing = self._is_closed = False
        self._sending = asyncio.Lock()
        self._left, self._counted_at = float(BURST), time.monotonic()
        self.check_at = float("inf")

    async def run(self) -> None:
        await self._receive()  # websocket.connect
        await self._asgi_send({"type": "websocket.accept"})
        self._hub.watchers.add(self)
        try:
            await self._read()
        except Closed as end:
            await self.close(end.code, end.reason)
        finally:
            self._is_closed = True
            self._hub.watchers.discard(self)
            for address in list(self._topics):
                self._forget(address)

    # -- What is read --

    async def _read(self) -> None:
        message = await self._first()
        while message["type"] != "websocket.disconnect" and not self._is_closed:
            await self._take(message)
            message = await self._receive()

    async def _first(self) -> Any:
        try:
            async with asyncio.timeout(FIRST_WORD_SECONDS):
                return await self._receive()
        except TimeoutError:
            raise Closed(NOTHING_SAID, "Say something within five seconds.") from None

    async def _take(self, message: dict[str, Any]) -> None:
        """Do what one message asks. Raises `Closed` for what ends the connection; a refusal is an answer."""
        text = message.get("text")
        if text is None:
            raise Closed(NO_TEXT, "Send text.")
        if len(text.encode()) > requests.MAX_BYTES:
            raise Closed(TOO_LARGE, f"At most {requests.MAX_BYTES} bytes in a message.")
        self._count()
        asked = requests.Asked("")
        try:
            asked = requests.read(text)
            await getattr(self, f"_{asked.type}")(asked)
        except DomainError as refusal:
            await self._refuse(refusal, asked)
            if isinstance(refusal, AuthenticationFailed) and asked.type == "authenticate":
                raise Closed(SIGN_IN_ENDED, refusal.code) from refusal
        except Closed:
            raise
        except Exception:
            logger.exception("live.request_failed", type=asked.type, topic=asked.topic)
            await self._refuse(Unavailable(), asked)

    def _count(self) -> None:
        now = time.monotonic()
        self._left = min(BURST, self._left + (now - self._counted_at) * PER_SECOND) - 1
        self._counted_at = now
        if self._left < 0:
            raise Closed(FLOODED, TooMany.code)

    async def _authenticate(self, asked: requests.Asked) -> None:
        if asked.token or asked.ticket:
            by, given = (identity.by_token, asked.token) if asked.token else (identity.by_ticket, asked.ticket)
            found = await hub.query(by, given)
            is_other = found.user.pk != self._identity.user.pk
            self._identity = found
            if is_other:
                await self._look_at_topics()
        elif not self._identity.is_guest:
            raise NotAuthenticated
        self._check_later()
        ends = self._identity.expires_at
        await self._say({"type": "authenticated", "expires_in": None if ends is None else int(ends - time.time())})

    async def _subscribe(self, asked: requests.Asked) -> None:
        topic = topics.get(asked.topic)
        if topic is None or asked.id is None:
            raise Missing(gettext("There is no such topic."))
        address = (topic.name, asked.id)
        if len(self._topics) >= MOST_TOPICS and address not in self._topics:
            raise TooManyTopics
        await self._wait_for_the_hub()
        await hub.query(topic.authorize, topics.Caller(self._identity.user, asked.access_code), asked.id)
        self._topics[address] = asked.access_code
        version = self._hub.watch(self, address)
        self._outbox.pop(address, None)
        self._check_later()
        await self._say({"type": "subscribed", "topic": topic.name, "id": str(asked.id), "version": version})

    async def _wait_for_the_hub(self) -> None:
        try:
            await asyncio.wait_for(self._hub.is_listening.wait(), 3)
        except TimeoutError:
            raise Unavailable(gettext("Live updates are not available at the moment. Ask the API meanwhile.")) from None

    async def _unsubscribe(self, asked: requests.Asked) -> None:
        if asked.id is not None and (asked.topic, asked.id) in self._topics:
            self._forget((asked.topic, asked.id))
        await self._say({"type": "unsubscribed", "topic": asked.topic, "id": str(asked.id)})

    async def _ping(self, asked: requests.Asked) -> None:
        await self._say({"type": "pong"})

    def _forget(self, address: Address) -> None:
        self._topics.pop(address, None)
        self._outbox.pop(address, None)
        self._hub.leave(self, address)

    # -- Still allowed? --

    def _check_later(self) -> None:
        """Before it ends, and within a minute; not all sockets in the same second."""
        if self._identity.is_guest and not any(self._topics.values()):
            return
        due = time.time() + CHECK_SECONDS * (1 - random() / 5)  # noqa: S311  no secret  # nosec B311
        self.check_at = min(due, self._identity.expires_at or due)

    async def check(self) -> None:
        """Whether the sign-in still lives and each topic may still be watched; no database, no decision."""
        if self._is_closed:
            return
        try:
            self._identity = await hub.query(self._identity.again)
            await self._look_at_topics()
        except AuthenticationFailed as ended:
            await self._refuse(ended, requests.Asked("authenticate"))
            await self.close(SIGN_IN_ENDED, ended.code)
            return
        except Exception:
            logger.exception("live.not_checked")
        self._check_later()

    async def _look_at_topics(self) -> None:
        for (name, pk), code in list(self._topics.items()):
            try:
                await hub.query(topics.named(name).authorize, topics.Caller(self._identity.user, code), pk)
            except DomainError as refusal:
                self._forget((name, pk))
                await self._say({"type": "unsubscribed", "topic": name, "id": str(pk), "code": refusal.code})

    # -- What is told --

    def tell(self, address: Address, text: str) -> None:
        """A fact, as soon as the client takes it; in place of an earlier one that it did not take yet."""
        self._outbox.pop(address, None)
        self._outbox[address] = text
        if not self._is_writing:
            self._is_writing = True
            self._hub.spawn(self._write())

    async def _write(self) -> None:
        try:
            while self._outbox and not self._is_closed:
                await self._send(self._outbox.pop(next(iter(self._outbox))))
        finally:
            self._is_writing = False

    async def _say(self, message: dict[str, Any]) -> None:
        await self._send(json.dumps(message, separators=(",", ":")))

    async def _refuse(self, refusal: DomainError, asked: requests.Asked) -> None:
        where = {"topic": asked.topic, "id": str(asked.id)} if isinstance(asked.id, UUID) else {}
        await self._say({"type": "error", "code": refusal.code, "message": refusal.message, **where})

    async def _send(self, text: str) -> None:
        """One after the other; a client that takes nothing for long, or is gone, is let go."""
        try:
            async with asyncio.timeout(SEND_SECONDS), self._sending:
                await self._asgi_send({"type": "websocket.send", "text": text})
        except TimeoutError:
            await self.close(TOO_SLOW, "Too slow.")
        except Exception:  # noqa: BLE001  each server has its own way to say that the client is gone
            self._is_closed = True

    async def close(self, code: int, reason: str) -> None:
        if not self._is_closed:
            self._is_closed = True
            try:
                await self._asgi_send({"type": "websocket.close", "code": code, "reason": reason})
            except Exception as gone:  # noqa: BLE001  as above
                logger.info("live.gone_already", error=repr(gone))
