"""All the reports there are. A room of this app registers its own when the app is ready."""

from __future__ import annotations

from reports.definition import Report
from reports.errors import NoSuchReport

_reports: dict[str, Report] = {}


def register(*reports: Report) -> None:
    """Add reports. Raises `ValueError` when another has the key."""
    for report in reports:
        if _reports.get(report.key, report) is not report:
            raise ValueError(f"a report named {report.key!r} is registered already")
        _reports[report.key] = report


def all_reports() -> list[Report]:
    """In the order in which they were registered."""
    return list(_reports.values())


def find(key: str) -> Report:
    """Raises `NoSuchReport`."""
    try:
        return _reports[key]
    except KeyError:
        raise NoSuchReport from None
