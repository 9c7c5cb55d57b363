"""One post to a receiver: to a checked address only, without redirects, and over within a fixed time.

The standard clients time each read, so that a receiver that drips a byte now and then keeps a worker for hours. Here
one clock runs over connecting, TLS, sending and reading, and no more than a few kilobytes of any answer are read.
"""

from __future__ import annotations

import functools
import io
import re
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPResponse
from typing import Any

from notifications.webhooks import addresses
from notifications.webhooks.addresses import Place, Target
from notifications.webhooks.errors import NoAnswer

#: For everything together.
TOTAL_SECONDS = 15.0
#: Of it, for one address to let us in, and for an answer's body once its status is known.
CONNECT_SECONDS = 4.0
BODY_SECONDS = 2.0
#: How many of a host's addresses are tried.
ADDRESSES = 3
#: What is read at most, and what is kept of the body.
READ_BYTES = 32 * 1024
KEPT_BYTES = 500
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True)
class Answer:
    """What a receiver said: its status, how its body began, and when it wants to be asked again."""

    status: int
    start: str = ""
    retry_after: timedelta | None = None

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


class _Clock:
    """Seconds that run out."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds

    def left(self, at_most: float = TOTAL_SECONDS) -> float:
        """How long the next step may take. Raises `TimeoutError` once nothing is left."""
        left = min(self._ends - time.monotonic(), at_most)
        if left <= 0:
            raise TimeoutError
        return left


class _Reader(io.RawIOBase):
    """The socket, read by the clock and not for ever."""

    def __init__(self, connection: socket.socket, clock: _Clock) -> None:
        self._connection, self.clock, self._left = connection, clock, READ_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._left:
            raise HTTPException("the answer is too long")
        self._connection.settimeout(self.clock.left())
        view = memoryview(buffer)[: self._left]
        count = self._connection.recv_into(view)
        self._left -= count
        return count

    def makefile(self, *args: Any) -> io.BufferedReader:
        """What `HTTPResponse` asks a socket for."""
        return io.BufferedReader(self)


def post(url: str, body: bytes, headers: Mapping[str, str], seconds: float = TOTAL_SECONDS) -> Answer:
    """Post the body. Raises `BadAddress` where nothing may be sent to, `NoAnswer` where no answer came in time.

    The receiver may have taken the message all the same. Called outside of any transaction.
    """
    clock = _Clock(seconds)
    target = addresses.read(url)
    try:
        places = addresses.look_up(target, clock.left(addresses.LOOKUP_SECONDS))
        with _connect(target, places[:ADDRESSES], clock) as connection:
            _send(connection, _request(target, body, headers), clock)
            return _answer(connection, clock)
    except TimeoutError:
        raise NoAnswer(f"No answer within {seconds:g} seconds.") from None
    except ssl.SSLCertVerificationError as failure:
        raise NoAnswer(f"The certificate is not good: {failure.verify_message}.") from None
    except ssl.SSLError as failure:
        raise NoAnswer(f"TLS failed: {failure.reason or failure}.") from None
    except (OSError, HTTPException) as failure:
        raise NoAnswer(f"No answer: {_CONTROL.sub(' ', str(failure)) or type(failure).__name__}.") from None


@functools.cache
def tls() -> ssl.SSLContext:
    """Certificates are checked against those the system trusts (`SSL_CERT_FILE` names others)."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _connect(target: Target, places: list[Place], clock: _Clock) -> socket.socket:
    """The first address that lets us in; the name is kept for TLS. After that no other one is tried."""
    failure: OSError = OSError("there is no address")
    for place in places:
        try:
            connection = _open(place, clock)
        except OSError as refused:
            failure = refused
            continue
        return _secured(connection, target, clock)
    raise failure


def _open(place: Place, clock: _Clock) -> socket.socket:
    connection = socket.socket(place.family, socket.SOCK_STREAM)
    try:
        connection.settimeout(clock.left(CONNECT_SECONDS))
        connection.connect((place.address, place.port))
    except BaseException:
        connection.close()
        raise
    return connection


def _secured(connection: socket.socket, target: Target, clock: _Clock) -> socket.socket:
    if target.scheme != "https":
        return connection
    try:
        connection.settimeout(clock.left())
        # The handshake as a whole has this time, not each of its reads.
        return tls().wrap_socket(connection, server_hostname=target.host.rstrip("."))
    except BaseException:
        connection.close()
        raise


def _request(target: Target, body: bytes, headers: Mapping[str, str]) -> bytes:
    lines = [f"POST {target.path} HTTP/1.1", f"Host: {target.host_header}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"Content-Length: {len(body)}", "Connection: close", "", ""]
    return "\r\n".join(lines).encode("ascii") + body


def _send(connection: socket.socket, data: bytes, clock: _Clock) -> None:
    view = memoryview(data)
    while view:
        connection.settimeout(clock.left())
        view = view[connection.send(view) :]


def _answer(connection: socket.socket, clock: _Clock) -> Answer:
    reader = _Reader(connection, clock)
    as_socket: Any = reader  # it is asked for no more than `makefile`
    response = HTTPResponse(as_socket, method="POST")
    response.begin()
    try:
        reader.clock = _Clock(clock.left(BODY_SECONDS))
        start = response.read1(KEPT_BYTES)
    except (OSError, HTTPException, ValueError):
        # The status has said it; how its words go on does not matter.
        start = b""
    words = _CONTROL.sub(" ", start.decode("utf-8", "replace"))
    return Answer(response.status, words, _retry_after(response.getheader("Retry-After", "")))


def _retry_after(value: str) -> timedelta | None:
    """Seconds, or a date by HTTP; None for anything else."""
    value = value.strip()
    if value.isascii() and value.isdigit() and len(value) < 10:
        return timedelta(seconds=int(value))
    try:
        until = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(until - datetime.now(UTC), timedelta())
