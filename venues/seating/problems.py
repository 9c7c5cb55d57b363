"""What is wrong with a file, all of it: each problem with the place where it is."""

from __future__ import annotations

from django.utils.translation import gettext, ngettext

from trufan.lib.errors import Detail, Invalid

#: Nobody reads more at once; what comes after is counted.
LIMIT = 100


class Problems:
    """Collects what is wrong until the whole file is read."""

    def __init__(self) -> None:
        self.details: list[Detail] = []
        self.count = 0

    def add(self, path: str, message: str, code: str = "invalid") -> None:
        """`path` leads to it: `sections[0].seats[14].x` in JSON, `lines[17].x` in CSV, where line 1 has the names."""
        self.count += 1
        if len(self.details) < LIMIT:
            self.details.append(Detail(path, code, message))

    def refuse(self) -> None:
        """Raise `Invalid` with all of them, or with the first hundred, if there are any."""
        if not self.count:
            return
        said = ngettext(
            "There is one problem in this layout.", "There are {count} problems in this layout.", self.count
        )
        shown = gettext("The first {limit} are listed.").format(limit=LIMIT) if self.count > LIMIT else ""
        unchanged = gettext("Nothing was changed.")
        raise Invalid(" ".join(filter(None, [said.format(count=self.count), shown, unchanged])), details=self.details)
