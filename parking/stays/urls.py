"""The addresses of this room, below `/api/v1/parking/`."""

from __future__ import annotations

from django.urls import path

from parking.stays import money_urls
from parking.stays.gate_views import GateEntriesView, GateExitsView
from parking.stays.views import SessionViewSet

stay, view = "sessions/<uuid:pk>", SessionViewSet.as_view
urlpatterns = [
    path("sessions", view({"get": "list", "post": "create"}), name="parking-sessions"),
    path("sessions/active", view({"get": "active"}), name="parking-sessions-active"),
    path("sessions/lookup", view({"post": "lookup"}), name="parking-sessions-lookup"),
    path(stay, view({"get": "retrieve"}), name="parking-session"),
    path(f"{stay}/end", view({"post": "end"}), name="parking-session-end"),
    path(f"{stay}/reopen", view({"post": "reopen"}), name="parking-session-reopen"),
    path(f"{stay}/void", view({"post": "void"}), name="parking-session-void"),
    path(f"{stay}/note", view({"post": "note"}), name="parking-session-note"),
    path(f"{stay}/move", view({"post": "move"}), name="parking-session-move"),
    path("gate/entries", GateEntriesView.as_view(), name="parking-gate-entries"),
    path("gate/exits", GateExitsView.as_view(), name="parking-gate-exits"),
    *money_urls.urlpatterns,
]
