"""Devices with keys, and every endpoint of the API, for tests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID

from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator

from trufan.testing import Caller
from venues.devices import keys
from venues.models import Venue, VenueDevice

ALL_SCOPES = list(VenueDevice.Scope.values)
NOBODYS = "019c1f3e-8b10-7f02-8a44-0d1c2b3a4958"


def made(venue: Venue, by: Any, *scopes: str, **how: Any) -> tuple[VenueDevice, str]:
    """A device of the venue and its key."""
    return keys.create(venue, by, timezone.now(), name="Camera", scopes=scopes or ALL_SCOPES, **how)


def speaking(key: str) -> Caller:
    """A client that sends the key with all it asks."""
    caller = Caller()
    caller.credentials(HTTP_AUTHORIZATION=f"Api-Key {key}")
    return caller


class Endpoint(NamedTuple):
    method: str
    path: str
    view: Any

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def address(self, **parts: Any) -> str:
        """The path with these in it; else an id that nobody has, a number or a word, as it takes."""
        return re.sub(r"{(\w+)}", lambda found: str(parts.get(found[1], _filler(self, found[1]))), self.path)


def _filler(endpoint: Endpoint, name: str) -> str:
    return "1" if name == "number" else NOBODYS if UUID(NOBODYS) and name != "token" else "nothing"


def endpoints() -> Iterator[Endpoint]:
    """Every method of every endpoint that the API's document names."""
    generator = SchemaGenerator()
    generator._initialise_endpoints()
    for path, _regex, method, callback in generator.endpoints:
        yield Endpoint(method, path, generator.create_view(callback, method))
