"""The scanner page's addresses in the console, and what it asks: the API's views, for who is signed in there.

They are the same views, so the page is told what every scanner is; a session's requests carry the CSRF token.
"""

from __future__ import annotations

from typing import Any

from django.urls import path
from rest_framework.authentication import SessionAuthentication

from ticketing.door.event_views import CountsView, SyncView
from ticketing.door.views import AdmissionsView, ScansView
from ticketing.manifest.views import ManifestView
from ticketing.scanner import screens

#: `schema`: the API's documentation has them once, where they are for everyone.
_BY_SESSION: dict[str, Any] = {"authentication_classes": [SessionAuthentication], "schema": None}

urlpatterns = [
    path("scan/worker.js", screens.worker, name="door_scan_worker"),
    path("scan/scans", ScansView.as_view(**_BY_SESSION), name="door_scan_scans"),
    path("scan/admissions", AdmissionsView.as_view(**_BY_SESSION), name="door_scan_admissions"),
    path("scan/<uuid:event_id>/", screens.page, name="door_scan"),
    path("scan/<uuid:event_id>/manifest", ManifestView.as_view(**_BY_SESSION), name="door_scan_manifest"),
    path("scan/<uuid:event_id>/sync", SyncView.as_view(**_BY_SESSION), name="door_scan_sync"),
    path("scan/<uuid:event_id>/counts", CountsView.as_view(**_BY_SESSION), name="door_scan_counts"),
]
