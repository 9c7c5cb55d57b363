"""Files for the import screens of the console, and the two steps through one."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model
from openpyxl import Workbook

from accounts.models import User
from trufan.tests.console_client import as_, url


def csv_of(rows: Sequence[Sequence[Any]], separator: str = ",") -> bytes:
    """The rows as CSV, the header first."""
    file = io.StringIO()
    csv.writer(file, delimiter=separator).writerows(rows)
    return file.getvalue().encode()


def xlsx_of(rows: Sequence[Sequence[Any]]) -> bytes:
    """The rows as a workbook; text that begins with = is a formula in it."""
    book, file = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(list(row))
    book.save(file)
    return file.getvalue()


class Screen:
    """The import screen of a table, as a person has it."""

    def __init__(self, user: User | None, model: type[Model], target: Model) -> None:
        self.client, self.model, self.target = as_(user), model, target

    @property
    def address(self) -> str:
        return url(self.model, "import")

    def rehearse(self, content: bytes | Sequence[Sequence[Any]], target: Model | None = None) -> Any:
        """Send a file; the answer with the dry run."""
        raw = content if isinstance(content, bytes) else csv_of(content)
        file = SimpleUploadedFile("rows.csv", raw)
        return self.client.post(self.address, {"target": str((target or self.target).pk), "file": file})

    def report(self, content: bytes | Sequence[Sequence[Any]]) -> Any:
        """What a dry run found."""
        return self.rehearse(content).context["report"]

    def problems(self, content: bytes | Sequence[Sequence[Any]]) -> list[tuple[int | None, str]]:
        """Row and column of all that a dry run complains of."""
        return [(each.row, each.column) for each in self.report(content).problems]

    def confirm(self, rehearsed: Any) -> Any:
        """Press “Import” below a dry run."""
        return self.client.post(self.address, {"kept": rehearsed.context["kept"]})

    def take(self, content: bytes | Sequence[Sequence[Any]]) -> str:
        """Both steps; what is said at the end."""
        answer = self.confirm(self.rehearse(content))
        assert answer.status_code == 302, [each.message for each in answer.context["report"].problems]
        return " ".join(str(each) for each in get_messages(answer.wsgi_request))
