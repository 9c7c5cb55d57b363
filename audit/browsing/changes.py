"""What changed, line by line: the value before beside the value after, names as people read them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext

from audit.console import MONEY
from audit.models import AuditLog
from trufan.lib import words
from trufan.lib.console import columns, venue_labels

_ADDED, _REMOVED, _CHANGED, _SAME = "added", "removed", "changed", "same"
_NOTHING = object()
#: How `audit.values.moment` writes a time.
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


@dataclass(frozen=True)
class Change:
    """One value: `path` such as `address.city`; `kind` is added, removed, changed or same."""

    path: str
    before: str
    after: str
    kind: str

    @property
    def name(self) -> str:
        """The path in words: `ticket fee fixed`, `address: city`."""
        return ": ".join(map(words.name_of, self.path.split(".")))


def of(entry: AuditLog) -> list[Change]:
    """Every value that the entry names, those that changed first, nested ones by their path.

    Amounts are printed in the currency that the entry or its venue names, times by the venue's clock.
    """
    before, after = _flat(entry.old_values), _flat(entry.new_values)
    label = venue_labels.of_row(entry)
    currency = after.get("currency") or before.get("currency") or (label.currency if label else None)
    zone = columns.zone_of(entry)
    changes = [_change(path, before, after, currency, zone) for path in dict.fromkeys([*before, *after])]
    return sorted(changes, key=lambda change: change.kind == _SAME)


def _change(path: str, before: dict[str, Any], after: dict[str, Any], currency: str | None, zone: ZoneInfo) -> Change:
    old, new = before.get(path, _NOTHING), after.get(path, _NOTHING)
    if old is _NOTHING:
        kind = _ADDED
    elif new is _NOTHING:
        kind = _REMOVED
    else:
        kind = _SAME if old == new else _CHANGED
    is_money = bool(currency) and path.rpartition(".")[2] in MONEY
    shown = [
        columns.show(value, currency or "") if is_money and isinstance(value, int) else _text(value, zone)
        for value in (old, new)
    ]
    return Change(path, shown[0], shown[1], kind)


def _flat(values: Any, path: str = "") -> dict[str, Any]:
    """Objects opened to their leaves; lists stay whole, for an element's place says nothing."""
    if not isinstance(values, dict) or (path and not values):
        return {path: values} if path else {}
    found: dict[str, Any] = {}
    for name, value in values.items():
        found |= _flat(value, f"{path}.{name}" if path else str(name))
    return found


def _text(value: Any, zone: ZoneInfo) -> str:
    match value:
        case str() if _MOMENT.fullmatch(value):
            return columns.local_time(datetime.fromisoformat(value), zone)
        case None | "":
            return gettext("nothing")
        case bool():
            return gettext("yes") if value else gettext("no")
        case list() if all(isinstance(each, str | int) for each in value):
            return ", ".join(map(str, value)) or gettext("nothing")
        case list() | dict():
            return json.dumps(value, ensure_ascii=False)
    return "" if value is _NOTHING else str(value)
