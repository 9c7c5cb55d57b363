"""One generated request: with real ids put into it, sent as somebody, and its answer examined."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import schemathesis
from django.conf import settings
from drf_spectacular.generators import SchemaGenerator
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from trufan.tests.fuzz.world import Caller, Whose, World, is_id, kind_of
from trufan.wsgi import application

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
WHOSE: list[Whose] = ["own", "other", "made", "nobody"]


@cache
def schema() -> schemathesis.BaseSchema:
    """The document that `/api/v1/schema` serves, with the application itself to send requests to."""
    found = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(public=True))
    found.app = application
    return found


@cache
def operations() -> dict[str, Any]:
    """`POST /api/v1/orders` → the operation."""
    return {each.ok().label: each.ok() for each in schema().get_all_operations()}


@cache
def documented_codes() -> frozenset[str]:
    """The codes in the guide's table."""
    guide = (Path(settings.BASE_DIR) / "docs" / "api.md").read_text()
    return frozenset(re.findall(r"^\| `(\w+)` \| \d{3} \|", guide, re.MULTILINE))


class Ids:
    """Where a generated request names an id, one that means something: mostly `leaning`, else anybody's.

    Chosen by `chance` and not by Hypothesis, whose first examples are the simplest: always the first of everything.
    """

    def __init__(self, world: World, chance: Random, leaning: Whose) -> None:
        self.world, self.chance, self.leaning = world, chance, leaning
        self.named = 0

    def put_into(self, case: Case) -> int:
        """How many ids there were to put."""
        for name in case.path_parameters or {}:
            if is_id(str(case.path_parameters[name])):
                case.path_parameters[name] = self._one(kind_of(case.operation.path.split("{" + name + "}")[0]))
        if case.query:
            case.query = {name: self._replaced(name, value) for name, value in case.query.items()}
        if isinstance(case.body, dict | list):
            case.body = self._replaced("", case.body)
        return self.named

    def _one(self, kind: str) -> str:
        self.named += 1
        whose = self.leaning if self.chance.random() < 0.8 else self.chance.choice(WHOSE)
        return self.world.id_of(kind, whose, self.chance.randrange(64))

    def _replaced(self, name: str, value: Any) -> Any:
        if isinstance(value, dict):
            sort = value.get("type")
            return {
                key: self._replaced(_LINES.get(sort, key) if key == "id" and isinstance(sort, str) else key, each)
                for key, each in value.items()
            }
        if isinstance(value, list):
            return [self._replaced(name, each) for each in value]
        return self._one(name) if is_id(value) else value


#: What the `id` of a line of an order is one of, by the line's `type`.
_LINES = {"ticket": "ticket_type", "product": "product_variant", "parking": "parking_capacity"}


def ask(case: Case, caller: Caller) -> Any:
    """Send it as this caller; the answer must be as documented, and silent of what is not theirs to know."""
    # Not the token that was generated for the schema's own lock.
    (case.headers or {}).pop("Authorization", None)
    answer = case.call(headers=caller.headers)
    case.validate_response(answer, checks=CHECKS, headers=caller.headers)
    said = answer.content.decode(errors="replace")
    told = [word for word in caller.forbidden() if word.lower() in said.lower() and not _said_first(case, word)]
    assert not told, f"{caller} was told {told} by {case.operation.label} ({answer.status_code}): {_around(said, told)}"
    if answer.status_code >= 400 and not answer.headers.get("content-type", [""])[0].startswith("text/html"):
        code = json.loads(said)["error"]["code"]
        assert code in documented_codes(), f"{case.operation.label} answers with the unknown code {code}"
    return answer


def _said_first(case: Case, word: str) -> bool:
    return word.lower() in repr((case.path_parameters, case.query, case.body)).lower()


def _around(said: str, words: list[str]) -> str:
    place = said.lower().index(words[0].lower())
    return said[max(place - 200, 0) : place + 100]


def remember(case: Case, answer: Any, world: World) -> None:
    """Keep the ids of an answer for the requests that follow, under the kind of thing they are ids of."""
    if answer.status_code >= 300 or "json" not in answer.headers.get("content-type", [""])[0]:
        return
    kind = kind_of(case.operation.path).rsplit("/", 1)[-1]
    _gather(json.loads(answer.content), kind, world)


def _gather(value: Any, kind: str, world: World) -> None:
    for name, each in value.items() if isinstance(value, dict) else ():
        if is_id(each):
            known = world.made[kind if name == "id" else name]
            if each not in known and len(known) < 20:
                known.append(each)
        _gather(each, kind if name == "results" else f"{name}", world)
    for each in value[:5] if isinstance(value, list) else ():
        _gather(each, kind, world)
