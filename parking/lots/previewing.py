"""What a tariff and a pricing configuration mean, beside the fields they are typed into, before they are saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError

from parking.pricing import configuration
from parking.pricing.words import describe as describe_pricing
from parking.rates.preview import preview
from parking.rates.tariff import parse
from parking.rates.words import describe
from trufan.lib.console.forms import PlainJSON
from trufan.lib.errors import Invalid


@dataclass(frozen=True)
class Preview:
    """Problems, each with its path; or sentences, and what stays of some lengths would cost. `empty`: nothing typed."""

    problems: Sequence[str] = ()
    sentences: Sequence[str] = ()
    rows: Sequence[tuple[str, str]] = field(default=())
    empty: str = ""


def of_tariff(given: Any, zone: ZoneInfo, currency: str, now: datetime, empty: str) -> Preview:
    """`given`: the JSON as a value."""
    if not given:
        return Preview(empty=empty)
    try:
        tariff = parse(given)
    except Invalid as refusal:
        return _refused(refusal)
    return Preview(
        sentences=describe(tariff, currency),
        rows=[(row.label, row.shown) for row in preview(tariff, zone, currency, now)],
    )


def of_pricing(given: Any) -> Preview:
    """`given`: the JSON as a value."""
    try:
        found = configuration.parse(given)
    except Invalid as refusal:
        return _refused(refusal)
    return Preview(sentences=describe_pricing(found))


def typed(text: str) -> tuple[Any, Preview | None]:
    """What was typed, as a value; or what is wrong with it as JSON."""
    try:
        return PlainJSON(required=False).to_python(text), None
    except ValidationError as mistake:
        return None, Preview(problems=mistake.messages)


def _refused(refusal: Invalid) -> Preview:
    return Preview(problems=[f"{detail.field}: {detail.message}" for detail in refusal.details] or [refusal.message])
