"""Which addresses a browser's pushes may go to. The address comes from a client: it must not reach into our network."""

from __future__ import annotations

import re

from django.conf import settings

MOST_CHARACTERS = 2000
LOOPBACK = "127.0.0.1"
#: Plain on purpose: no user, no backslash, nothing that two readers of addresses could read in two ways.
_ADDRESS = re.compile(r"(https?)://([A-Za-z0-9.-]+)(:[0-9]{1,5})?/[\x21-\x5b\x5d-\x7e]*")


def is_allowed(endpoint: str) -> bool:
    """Whether it is the https address of one of `PUSH_SERVICES`.

    With `127.0.0.1` among them also one on this machine, by http and on any port: for tests.
    """
    read = _ADDRESS.fullmatch(endpoint)
    if read is None or len(endpoint) > MOST_CHARACTERS:
        return False
    scheme, host, port = read[1], read[2].lower(), read[3]
    if host == LOOPBACK:
        return LOOPBACK in settings.PUSH_SERVICES
    known = any(host == each or host.endswith(f".{each}") for each in settings.PUSH_SERVICES)
    return known and scheme == "https" and port in (None, ":443")
