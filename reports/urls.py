"""Where reports are reached."""

from __future__ import annotations

from typing import Any

from django.urls import path

from reports.schedules.views import ReportScheduleViewSet
from reports.views import ReportViewSet

_reports = "venues/<uuid:venue_id>/reports"
_schedules = "venues/<uuid:venue_id>/report-schedules"
_row: dict[str, Any] = {"get": "retrieve", "patch": "partial_update"}
urlpatterns = [
    path(_reports, ReportViewSet.as_view({"get": "list"}), name="report-list"),
    path(f"{_reports}/<slug:key>", ReportViewSet.as_view({"get": "retrieve"}), name="report-detail"),
    path(
        _schedules,
        ReportScheduleViewSet.as_view({"get": "list", "post": "create"}),
        name="report-schedule-list",
    ),
    path(f"{_schedules}/<uuid:pk>", ReportScheduleViewSet.as_view(_row), name="report-schedule-detail"),
    path(f"{_schedules}/<uuid:pk>/send", ReportScheduleViewSet.as_view({"post": "send"}), name="report-schedule-send"),
]
