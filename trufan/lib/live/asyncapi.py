"""The AsyncAPI 3 document of `/ws/v1/`, made of what is registered, so that it never says less than is told."""

from __future__ import annotations

from functools import cache
from typing import Any

from trufan.lib.live import requests, topics
from trufan.lib.live.errors import MOST_TOPICS
from trufan.lib.live.topics import Topic

_UUID = {"type": "string", "format": "uuid"}
_TEXT = {"type": "string"}


@cache
def document() -> dict[str, Any]:
    """The whole of it, as plain values."""
    messages = {**_sent(), **_answers(), **{_name(topic): _fact(topic) for topic in topics.every_topic()}}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "TruFan live updates",
            "version": "1",
            "description": "Small facts, told after they happened; what they are about is asked of the API. "
            "See docs/live.md.",
        },
        "channels": {
            "socket": {
                "address": "/ws/v1/",
                "description": f"One JSON object in each message; to us at most {requests.MAX_BYTES} bytes.",
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
            }
        },
        "operations": {
            "ask": _operation("receive", "What a client says.", _sent()),
            "answer": _operation("send", "What it is answered.", _answers()),
            **{
                f"tell_{topic.name}": _operation("send", f"{topic.title} The state: {topic.state}.", [_name(topic)])
                for topic in topics.every_topic()
            },
        },
        "components": {"messages": messages},
    }


def _operation(action: str, summary: str, names: Any) -> dict[str, Any]:
    return {
        "action": action,
        "summary": summary,
        "channel": {"$ref": "#/channels/socket"},
        "messages": [{"$ref": f"#/channels/socket/messages/{name}"} for name in names],
    }


def _message(summary: str, kind: str, required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict:
    members = {"type": {"const": kind}, **required, **(optional or {})}
    payload = {"type": "object", "properties": members, "required": ["type", *required], "additionalProperties": False}
    return {"summary": summary, "payload": payload}


def _sent() -> dict[str, Any]:
    topic = {"topic": {"type": "string", "enum": [each.name for each in topics.every_topic()]}, "id": _UUID}
    code = {"access_code": {**_TEXT, "description": "A guest's, for what has one."}}
    token = {"token": {**_TEXT, "description": "An access token of the API."}}
    ticket = {"ticket": {**_TEXT, "description": "For pages of the console."}}
    return {
        "authenticate": _message("Who speaks. Again, with a new token, before the last one ends.", "authenticate", {},
                                 {**token, **ticket}),
        "subscribe": _message(f"Watch one thing; at most {MOST_TOPICS} at once.", "subscribe", topic, code),
        "unsubscribe": _message("Watch it no longer.", "unsubscribe", topic),
        "ping": _message("Is anybody there?", "ping", {}),
    }  # fmt: skip


def _answers() -> dict[str, Any]:
    where, version = {"topic": _TEXT, "id": _UUID}, {"version": {"type": "integer"}}
    code = {"code": {**_TEXT, "description": "As in the API's errors (docs/api.md)."}}
    seconds = {"expires_in": {"type": ["integer", "null"], "description": "Seconds until it ends; null for guests."}}
    return {
        "authenticated": _message("The token is good.", "authenticated", seconds),
        "subscribed": _message("From now on all is told. Ask the API for the state now.", "subscribed",
                               {**where, **version}),
        "unsubscribed": _message("Nothing more is told: asked for, or with a code, no longer allowed.", "unsubscribed",
                                 where, code),
        "pong": _message("Yes.", "pong", {}),
        "error": _message("That was refused; the connection goes on unless it is closed.", "error",
                          {**code, "message": _TEXT}, where),
    }  # fmt: skip


def _name(topic: Topic) -> str:
    return f"fact_{topic.name}"


def _fact(topic: Topic) -> dict[str, Any]:
    events = {**topic.events, topics.RESYNC: "Facts may have been missed: ask the API."}
    said = "\n".join(f"- `{event}`: {words}" for event, words in events.items())
    data = {"type": "object", "properties": dict(topic.data), "additionalProperties": False}
    required = {
        "topic": {"const": topic.name},
        "id": _UUID,
        "event": {"type": "string", "enum": list(events)},
        "version": {"type": "integer", "description": "Grows within one connection."},
        "data": data,
    }
    return {**_message(topic.title, "fact", required), "description": said}
