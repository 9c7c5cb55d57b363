"""What the shipped words of a message know, with values to try own words by."""

from __future__ import annotations

from typing import Any, cast

from django.template.base import FilterExpression, Node, NodeList
from django.template.defaulttags import ForNode

from notifications import templating, values
from notifications.samples import SAMPLES

#: What every message knows.
EVERYWHERE = {"site_url": "https://example.com", "public_url": "https://example.com"}


def context(template: str, language: str = "") -> dict[str, Any]:
    """Every variable of the message's shipped texts, with its sample, or a value that names it; lists have entries."""
    found: dict[str, Any] = dict(EVERYWHERE)
    for files in templating.FILES.values():
        for file in files:
            loaded = templating._load(template, file, language) if file.endswith(".txt") else None
            if loaded is not None:
                _collect(loaded.template.nodelist, found, {})
    known = {name: value for name, value in SAMPLES.get(template, {}).items() if name in found}
    return found | values.spoken(known, language)


def _collect(nodes: NodeList, found: dict[str, Any], loops: dict[str, dict[str, Any]]) -> None:
    for node in nodes:
        inner = loops
        if isinstance(node, ForNode):
            entry: dict[str, Any] = {}
            found[".".join(_path(sequence_of(node)))] = [entry, entry]
            inner = loops | dict.fromkeys(node.loopvars, entry)
        for expression in expressions(node):
            _note(_path(expression), found, loops)
        for name in getattr(node, "child_nodelists", ()):
            _collect(getattr(node, name, None) or NodeList(), found, inner)
        for _, nodelist in getattr(node, "conditions_nodelists", ()):
            _collect(nodelist, found, inner)


def sequence_of(node: ForNode) -> FilterExpression:
    """What a loop goes through."""
    return cast("FilterExpression", node.sequence)


def _note(path: tuple[str, ...], found: dict[str, Any], loops: dict[str, dict[str, Any]]) -> None:
    if not path or path[0] == "forloop":
        return
    if path[0] in loops:
        if len(path) > 1:
            loops[path[0]].setdefault(path[1], path[1].replace("_", " "))
        return
    if len(path) > 1:
        inner = found.setdefault(path[0], {})
        if isinstance(inner, dict):
            inner.setdefault(path[1], path[1].replace("_", " "))
        return
    found.setdefault(path[0], _value(path[0]))


def _value(name: str) -> str:
    return f"https://example.com/{name}" if name == "link" or name.endswith("_url") else name.replace("_", " ")


def expressions(node: Node) -> list[FilterExpression]:
    """The expressions that a node reads, those of its conditions included."""
    found = [value for value in vars(node).values() if isinstance(value, FilterExpression)]
    found += [value for value in getattr(node, "vars", ()) if isinstance(value, FilterExpression)]
    for condition, _ in getattr(node, "conditions_nodelists", ()):
        found += _of_condition(condition)
    return found


def _of_condition(condition: Any) -> list[FilterExpression]:
    if condition is None:
        return []
    if isinstance(getattr(condition, "value", None), FilterExpression):
        return [condition.value]
    return [*_of_condition(getattr(condition, "first", None)), *_of_condition(getattr(condition, "second", None))]


def _path(expression: FilterExpression) -> tuple[str, ...]:
    """The names of a variable; none for a literal."""
    return tuple(getattr(expression.var, "lookups", None) or ())
