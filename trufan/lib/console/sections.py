"""Tables below a row's own fields: what belongs to it, read-only, linked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from trufan.lib.console.columns import anchor
from trufan.lib.words import lazy as _


@dataclass(frozen=True)
class Choice:
    """A link above a table that shows it another way."""

    label: str
    url: str
    is_current: bool = False


@dataclass(frozen=True)
class Section:
    """One table. `empty` says what to do or expect where there are no rows yet."""

    title: str
    headers: Sequence[str]
    rows: Sequence[Sequence[Any]]
    empty: str = _("Nothing here yet.")
    link: str = ""
    link_label: str = ""
    anchor_id: str = ""
    choices: Sequence[Choice] = ()
    table: dict[str, Any] = field(init=False)
    action: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "table", {"headers": list(self.headers), "rows": [list(row) for row in self.rows]})
        object.__setattr__(self, "action", anchor(self.link, self.link_label) if self.link else "")
