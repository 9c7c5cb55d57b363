"""Whether own words may be saved: they parse, say only what the message knows, and stay small."""

from __future__ import annotations

import re
from typing import Any

from django.template import TemplateSyntaxError
from django.template.base import FilterExpression, Lexer, NodeList, TokenType, Variable
from django.template.defaulttags import ForNode
from django.utils.translation import gettext

from notifications import kinds
from notifications.wording import engine, sampling
from trufan.lib.errors import Detail, Invalid
from trufan.lib.words import lazy

#: The columns of the words, and how long each may be.
LENGTHS = {"subject": 200, "body": 4000, "sms": 640, "push": 500}
#: `if` and `for` within each other, a `for` never in a `for`; and words of one tag.
MAX_DEPTH, MAX_TAG_WORDS, MAX_TAGS = 3, 12, 100


class WordsRefused(Invalid):
    """Own words that can't be used; `details` name the fields."""

    code, message = "words_refused", lazy("These words can't be used.")


def editable() -> list[str]:
    """The messages that venues may word: not those of accounts, which are the platform's."""
    return [name for name in kinds.templates() if kinds.of(name).kind is not kinds.ACCOUNT]


def check(template: str, language: str, fields: dict[str, str]) -> None:
    """Raises `WordsRefused` with what is wrong in each of `fields` (subject, body, sms, push)."""
    if template not in editable():
        raise WordsRefused(details=[Detail("template", "invalid", gettext("This message can't be worded by a venue."))])
    sample, wrong = sampling.context(template, language), []
    for name, limit in LENGTHS.items():
        if problem := _problem(fields.get(name) or "", limit, sample):
            wrong.append(Detail(name, "invalid", problem))
    body = fields.get("body") or ""
    if bool(body.strip()) != bool((fields.get("subject") or "").strip()):
        wrong.append(Detail("body", "invalid", gettext("A mail needs both a subject and a text.")))
    if body.strip() and not wrong and (lost := _lost(body, sample)):
        wrong.append(Detail("body", "invalid", gettext("This message is of no use without {lost}.").format(lost=lost)))
    if wrong:
        raise WordsRefused(details=wrong)


def _lost(body: str, sample: dict[str, Any]) -> str:
    """What a message is for and these words leave out: its code, or every address that it leads to."""
    said = set(re.findall(r"\w+", " ".join(re.findall(r"\{[{%](.*?)[%}]\}", body))))
    if "code" in sample and "code" not in said:
        return "{{ code }}"
    links = sorted(name for name in sample if name == "link" or name.endswith("_url"))
    own = [name for name in links if name not in sampling.EVERYWHERE]
    return "" if not own or said & set(own) else f"{{% firstof {' '.join(own)} %}}"


def _problem(source: str, limit: int, sample: dict[str, Any]) -> str:
    if len(source) > limit:
        return gettext("This is longer than {limit} characters.").format(limit=limit)
    try:
        _refuse_large(source)
        template = engine.parsed(source)
        _walk(template.nodelist, sample, {}, in_loop=False)
        engine.rendered(template, sample)
    except (TemplateSyntaxError, engine.TooLong) as mistake:
        return str(mistake) or gettext("This can't be read.")
    except (RecursionError, TypeError, ValueError, AttributeError) as mistake:
        return gettext("This can't be said: {name}.").format(name=type(mistake).__name__)
    return ""


def _refuse_large(source: str) -> None:
    """Before it is parsed: how deep it nests and how much stands in one tag."""
    depth, tags = 0, 0
    for token in Lexer(source).tokenize():
        if token.token_type == TokenType.TEXT:
            continue
        tags += 1
        words = token.contents.split()
        if tags > MAX_TAGS or len(words) > MAX_TAG_WORDS or token.contents.count("|") > MAX_DEPTH:
            raise TemplateSyntaxError(gettext("This is more than a message needs."))
        if token.token_type == TokenType.BLOCK and words:
            depth += words[0] in ("if", "for")
            depth -= words[0] in ("endif", "endfor")
        if depth > MAX_DEPTH:
            raise TemplateSyntaxError(
                gettext("Conditions may stand {max_depth} deep in each other, not deeper.").format(max_depth=MAX_DEPTH)
            )


def _walk(nodes: NodeList, sample: dict[str, Any], loops: dict[str, Any], *, in_loop: bool) -> None:
    for node in nodes:
        inner, looping = loops, in_loop
        for expression in sampling.expressions(node):
            _refuse_unknown(expression, sample | loops)
        if isinstance(node, ForNode):
            sequence = sampling.sequence_of(node)
            entries = _resolved(sequence.var, sample | loops)
            if in_loop or not isinstance(entries, list | tuple) or len(node.loopvars) != 1 or sequence.filters:
                raise TemplateSyntaxError(
                    gettext("A “for” goes through a list of the message, and never stands in another.")
                )
            inner, looping = loops | {node.loopvars[0]: entries[0] if entries else "", "forloop": _FORLOOP}, True
        for name in getattr(node, "child_nodelists", ()):
            _walk(getattr(node, name, None) or NodeList(), sample, inner, in_loop=looping)
        for _, nodelist in getattr(node, "conditions_nodelists", ()):
            _walk(nodelist, sample, inner, in_loop=looping)


_FORLOOP = {"first": True, "last": True, "counter": 1}


def _refuse_unknown(expression: FilterExpression, known: dict[str, Any]) -> None:
    _resolved(expression.var, known)
    for _, arguments in expression.filters:
        for is_variable, argument in arguments:
            if is_variable:
                _resolved(argument, known)


def _resolved(variable: Any, known: dict[str, Any]) -> Any:
    """The sample's value by keys alone, never by an attribute; a literal is itself."""
    if not isinstance(variable, Variable) or variable.lookups is None:
        return variable
    value: Any = known
    for name in variable.lookups:
        if not isinstance(value, dict) or name not in value:
            raise TemplateSyntaxError(gettext("This message does not know “{var}”.").format(var=variable.var))
        value = value[name]
    return value
