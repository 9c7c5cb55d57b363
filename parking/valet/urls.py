"""The valet, below `/api/v1/parking/`."""

from django.urls import path

from parking.valet.evidence_views import ValetIncidentViewSet, ValetPhotoViewSet
from parking.valet.queue_views import ValetByNumberViewSet, ValetQueueView
from parking.valet.views import ValetTicketViewSet

_ticket = "valet/tickets/<uuid:pk>"
_moves = {
    "park": "park", "request": "want", "fetch": "fetch", "put-back": "put_back", "ready": "ready",
    "hand-over": "hand_over", "cancel": "cancel", "reset-pin": "reset_pin", "tip": "tip",
}  # fmt: skip
urlpatterns = [
    path("valet/queue", ValetQueueView.as_view(), name="valet-queue"),
    path("valet/requests", ValetByNumberViewSet.as_view({"post": "want"}), name="valet-request"),
    path("valet/status", ValetByNumberViewSet.as_view({"post": "where"}), name="valet-status"),
    path("valet/incidents", ValetIncidentViewSet.as_view({"get": "list"}), name="valet-incidents"),
    path("valet/tickets", ValetTicketViewSet.as_view({"get": "list", "post": "create"}), name="valet-tickets"),
    path(_ticket, ValetTicketViewSet.as_view({"get": "retrieve"}), name="valet-ticket"),
    *(
        path(f"{_ticket}/{address}", ValetTicketViewSet.as_view({"post": act}), name=f"valet-{address}")
        for address, act in _moves.items()
    ),
    path(f"{_ticket}/incidents", ValetIncidentViewSet.as_view({"post": "create"}), name="valet-ticket-incidents"),
    path("valet/tickets/<uuid:ticket_id>/photos", ValetPhotoViewSet.as_view({"post": "create"}), name="valet-photos"),
    path(
        "valet/tickets/<uuid:ticket_id>/photos/<uuid:pk>",
        ValetPhotoViewSet.as_view({"get": "retrieve"}),
        name="valet-photo",
    ),
]
