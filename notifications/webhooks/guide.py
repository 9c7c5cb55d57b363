"""The part of docs/webhooks.md that lists what is told, as it follows from the registry."""

from __future__ import annotations

import json
from collections.abc import Iterator

from notifications.webhooks import kinds
from notifications.webhooks.kinds import Kind


def types() -> str:
    """A heading, a sentence and an example for each type, by name, with `ping` at the end."""
    return "\n".join(line for kind in [*kinds.known(), kinds.ping()] for line in _section(kind))


def _section(kind: Kind) -> Iterator[str]:
    said = {"type": kind.name, "timestamp": "2026-11-20T18:02:11.402Z", "data": kind.example}
    yield f"### `{kind.name}`"
    yield ""
    yield kind.description
    yield ""
    yield "```json"
    yield json.dumps(said, indent=2, ensure_ascii=False)
    yield "```"
    yield ""
