"""The console's pages of reports; each stands in the room it belongs to."""

from reports.schedules import admin as schedules

__all__ = ["schedules"]
