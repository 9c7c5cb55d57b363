"""Where a venue may have its messages sent: a public https address, and nothing inside any network of ours.

A name is looked up when a message is sent, all that it leads to is checked, and what was checked is what is connected
to: a name that leads elsewhere a moment later leads nobody there.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import threading
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext

from notifications.webhooks.errors import BadAddress
from trufan.lib.errors import Invalid

#: How long a name server may take.
LOOKUP_SECONDS = 5.0
LONGEST = 500
HTTPS = 443
#: Besides, every port that a service without privileges may have.
LOW_PORTS = frozenset({HTTPS, 8443})
FIRST_HIGH_PORT = 1024

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network
#: Nothing public stands there: IANA's registries of special addresses, and what clouds answer on.
_NEVER: tuple[_Network, ...] = tuple(
    ipaddress.ip_network(each)
    for each in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        # Azure answers its machines there.
        "168.63.129.16/32",
        # Within the public part of IPv6: protocols, Teredo, ORCHID, examples, 6to4, AS112.
        "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
    )
)  # fmt: skip
#: All of IPv6 that is given to anybody: neither mapped nor translated IPv4, nor local, nor multicast.
_PUBLIC_IPV6 = ipaddress.IPv6Network("2000::/3")
_HOST = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*\.?")
_TARGET = re.compile(r"[!-~]*")


@dataclass(frozen=True)
class Target:
    """An address taken apart: `host` in ASCII, `path` with its query, as they go over the wire."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def host_header(self) -> str:
        """The host as HTTP names it, with the port where it is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = HTTPS if self.scheme == "https" else 80
        return host if self.port == usual else f"{host}:{self.port}"


@dataclass(frozen=True)
class Place:
    """A checked address to connect to."""

    family: socket.AddressFamily
    address: str
    port: int


def read(url: str) -> Target:
    """Take an address apart. Raises `BadAddress` for what nothing is ever sent to; looks nothing up."""
    if len(url) > LONGEST or not url or not url.isprintable() or any(char.isspace() or char == "\\" for char in url):
        raise BadAddress(gettext("An address has at most {longest} characters, and no spaces.").format(longest=LONGEST))
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadAddress(gettext("This is not an address.")) from None
    if parts.scheme != "https" and not (parts.scheme == "http" and settings.WEBHOOKS_TO_PRIVATE_ADDRESSES):
        raise BadAddress(gettext("The address begins with https://."))
    if "@" in parts.netloc:
        raise BadAddress(gettext("Name and password have no place in the address: check the signature instead."))
    if "[" in parts.netloc and (":" not in parts.netloc or "%" in parts.netloc):
        raise BadAddress(gettext("This is not an IPv6 address."))
    if parts.fragment:
        raise BadAddress(gettext("An address has no part after #."))
    port = _port(port, parts.scheme)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not _TARGET.fullmatch(path):
        raise BadAddress(gettext("Write everything after the host in ASCII, as %C3%A4."))
    return Target(parts.scheme, _host(parts.hostname or ""), port, path)


def check(url: str) -> None:
    """Refuse an address that no message would ever be sent to. Looks its name up: never inside a transaction.

    Raises `Invalid` at the field `url`.
    """
    try:
        target = read(url)
        look_up(target)
    except BadAddress as refusal:
        raise Invalid.field("url", str(refusal), "address_refused") from None


def look_up(target: Target, seconds: float = LOOKUP_SECONDS) -> list[Place]:
    """Everything that the host leads to, in the order to try it. Raises `BadAddress` if any of it is not public."""
    places = _addresses(target, seconds)
    if not settings.WEBHOOKS_TO_PRIVATE_ADDRESSES:
        for place in places:
            if not is_public(place.address):
                raise BadAddress(gettext("{host} leads to an address that is not public.").format(host=target.host))
    return places


def is_public(address: str) -> bool:
    """Whether anybody's server may stand there."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        # With a zone, as `fe80::1%eth0`: never public.
        return False
    if isinstance(found, ipaddress.IPv6Address) and found not in _PUBLIC_IPV6:
        return False
    return not any(found.version == network.version and found in network for network in _NEVER)


def _port(port: int | None, scheme: str) -> int:
    if port is None:
        return HTTPS if scheme == "https" else 80
    if port not in LOW_PORTS and port < FIRST_HIGH_PORT:
        raise BadAddress(
            gettext("The port is {https}, or {first_high_port} or higher.").format(
                https=HTTPS, first_high_port=FIRST_HIGH_PORT
            )
        )
    return port


def _host(host: str) -> str:
    """The host in ASCII: an IP address, or a name whose labels are what DNS takes."""
    if ":" in host:
        try:
            return str(ipaddress.IPv6Address(host))
        except ValueError:
            raise BadAddress(gettext("This is not an IPv6 address.")) from None
    try:
        ascii_host = host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise BadAddress(gettext("The host is not a name that can be looked up.")) from None
    if not _HOST.fullmatch(ascii_host) or len(ascii_host) > 253:
        raise BadAddress(gettext("The host is not a name that can be looked up."))
    return ascii_host


def _addresses(target: Target, seconds: float) -> list[Place]:
    """Ask in a thread of its own: the system's resolver knows no time limit. One that hangs ends by itself, later."""
    answers: SimpleQueue[list[Place] | OSError] = SimpleQueue()
    threading.Thread(target=_ask, args=(target, answers), daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except Empty:
        raise BadAddress(gettext("{host} could not be looked up in time.").format(host=target.host)) from None
    if isinstance(answer, OSError) or not answer:
        raise BadAddress(gettext("{host} could not be found.").format(host=target.host))
    return answer


def _ask(target: Target, answers: SimpleQueue[list[Place] | OSError]) -> None:
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except UnicodeError:
        answers.put(OSError("the name can't be encoded"))
    except OSError as failure:
        answers.put(failure)
    else:
        answers.put(list(dict.fromkeys(Place(each[0], str(each[4][0]), target.port) for each in found)))
