"""What an import would do, or did: row by row, with everything that is wrong at its row and column."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from django.utils.translation import gettext

from trufan.lib.errors import Detail, DomainError
from trufan.lib.words import lazy as _


class Deed(StrEnum):
    """What becomes of a row."""

    MADE = "made"
    CHANGED = "changed"
    SAME = "same"
    REMOVED = "removed"
    REFUSED = "refused"


#: How people read it.
DEEDS = {
    Deed.MADE: _("new"),
    Deed.CHANGED: _("changed"),
    Deed.SAME: _("as it is"),
    Deed.REMOVED: _("removed"),
    Deed.REFUSED: _("refused"),
}


@dataclass(frozen=True)
class Problem:
    """`row` as the spreadsheet counts it, 1 is the header; None: the file as a whole. `column` is a name, or empty."""

    row: int | None
    column: str
    message: str


@dataclass(frozen=True)
class Line:
    """What becomes of a row of the file, or of something that the file leaves out (`row` is None).

    `notes` are worth knowing and may be others a moment later, such as how many are there now.
    """

    row: int | None
    deed: Deed
    what: str
    changes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass
class Report:
    """Filled while the rows are gone through."""

    lines: list[Line] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, row: int | None, column: str, message: str) -> None:
        self.problems.append(Problem(row, column, str(message)))

    def refuse(self, row: int | None, refusal: DomainError, columns: Iterable[str] = ()) -> None:
        """Say what a rule refused, at the columns that its details name."""
        known = set(columns)
        for detail in refusal.details or [Detail("", refusal.code, refusal.message)]:
            column = detail.field if detail.field in known else ""
            self.wrong(row, column, detail.message)

    def did(
        self, row: int | None, deed: Deed, what: str, changes: Iterable[str] = (), notes: Iterable[str] = ()
    ) -> None:
        self.lines.append(Line(row, deed, what, tuple(changes), tuple(notes)))

    @property
    def counts(self) -> dict[str, int]:
        """Deed → of how many rows; refused ones are those with a problem."""
        found = Counter(line.deed for line in self.lines)
        return {deed: found[deed] for deed in (Deed.MADE, Deed.CHANGED, Deed.SAME, Deed.REMOVED) if found[deed]}

    @property
    def digest(self) -> str:
        """Another one as soon as anything else would be done."""
        said = hashlib.sha256()
        for line in self.lines:
            said.update(repr((line.row, line.deed.value, line.what, line.changes)).encode())
        return said.hexdigest()

    def in_order(self) -> Iterator[tuple[Line, list[Problem]]]:
        """Every row with what is wrong with it, as the file has them; what it leaves out comes last."""
        by_row: dict[int | None, list[Problem]] = {}
        for problem in self.problems:
            by_row.setdefault(problem.row, []).append(problem)
        lines = [line for line in self.lines if line.row not in by_row]
        what = {line.row: line.what for line in self.lines}
        lines += [Line(row, Deed.REFUSED, what.get(row, "")) for row in by_row if row is not None]
        for line in sorted(lines, key=lambda each: (each.row is None, each.row or 0)):
            yield line, by_row.get(line.row, []) if line.row is not None else []

    @property
    def of_the_file(self) -> list[Problem]:
        """What is wrong with the file as a whole."""
        return [each for each in self.problems if each.row is None]


def change(name: str, before: object, after: object) -> str:
    """`price: 12.00 → 13.00`."""
    nothing = gettext("nothing")
    return f"{name}: {nothing if before in (None, '') else before} → {nothing if after in (None, '') else after}"
