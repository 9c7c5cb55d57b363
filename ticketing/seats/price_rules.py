"""Which ticket type each seat is sold as: rules over sections, rows and single seats, of which later ones win.

Pure functions: a rule is `{"section", "rows"?, "ticket_type"}` or `{"seats", "ticket_type"}`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.utils.translation import gettext

from trufan.lib.errors import Detail

#: More problems than anybody reads at once.
MOST_PROBLEMS = 50


class Where(NamedTuple):
    """What a rule looks at."""

    label: str
    section: str
    row: str


def applied(rules: Sequence[Mapping[str, Any]], seats: Iterable[Where]) -> dict[str, UUID]:
    """Label → ticket type, for every seat that some rule speaks of."""
    found: dict[str, UUID] = {}
    by_section: dict[str, list[Where]] = {}
    for seat in seats:
        by_section.setdefault(seat.section, []).append(seat)
    for rule in rules:
        rows = set(rule.get("rows") or ())
        for seat in by_section.get(rule.get("section", ""), ()):
            if not rows or seat.row in rows:
                found[seat.label] = rule["ticket_type"]
        found.update(dict.fromkeys(rule.get("seats") or (), rule["ticket_type"]))
    return found


def problems(
    rules: Sequence[Mapping[str, Any]], seats: Iterable[Where], standing: frozenset[str], types: frozenset[UUID]
) -> list[Detail]:
    """What a rule names that there is not; `standing` are the sections without seats."""
    rows: dict[str, set[str]] = {}
    labels = set()
    for seat in seats:
        rows.setdefault(seat.section, set()).add(seat.row)
        labels.add(seat.label)
    seated = {rule["ticket_type"] for rule in rules if rule.get("section") not in standing}
    found: list[Detail] = []
    for at, rule in enumerate(rules):
        where, section = f"prices[{at}]", rule.get("section", "")
        if rule["ticket_type"] not in types:
            found.append(Detail(f"{where}.ticket_type", "not_found", gettext("The event has no such ticket type.")))
        if section in standing:
            found += _of_standing(where, rule, seated)
        elif section and section not in rows:
            found.append(
                Detail(
                    f"{where}.section",
                    "not_found",
                    gettext("The plan has no section {section}.").format(section=section),
                )
            )
        else:
            found += [
                Detail(
                    f"{where}.rows",
                    "not_found",
                    gettext("Section {section} has no row {row}.").format(section=section, row=row),
                )
                for row in rule.get("rows") or ()
                if row not in rows.get(section, ())
            ]
        found += [
            Detail(f"{where}.seats", "not_found", gettext("The plan has no seat {label}.").format(label=label))
            for label in rule.get("seats") or ()
            if label not in labels
        ]
    return found[:MOST_PROBLEMS]


def _of_standing(where: str, rule: Mapping[str, Any], seated: set[UUID]) -> list[Detail]:
    """Where people stand there are no rows; and a ticket type has seats or has none."""
    found = []
    if rule.get("rows"):
        found.append(
            Detail(f"{where}.rows", "not_found", gettext("People stand in {section}.").format(section=rule["section"]))
        )
    if rule["ticket_type"] in seated:
        found.append(Detail(f"{where}.ticket_type", "mixed", gettext("A ticket type is for seats or for standing.")))
    return found
