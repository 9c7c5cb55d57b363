"""Where tickets, their sale and the door are reached."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from ticketing.door_views import AdmissionsView, AttendanceView, EventScansView, ScansView
from ticketing.ticket_type_views import TicketTypeViewSet
from ticketing.views import OrderTicketsView, TicketKeysView, TicketViewSet

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("tickets", TicketViewSet, basename="ticket")
urlpatterns = [
    *router.urls,
    path("orders/<uuid:order_id>/tickets", OrderTicketsView.as_view(), name="order-tickets"),
    path("venues/<uuid:venue_id>/ticket-keys", TicketKeysView.as_view(), name="ticket-keys"),
    path(
        "events/<uuid:event_id>/ticket-types",
        TicketTypeViewSet.as_view({"get": "list", "post": "create"}),
        name="event-ticket-types",
    ),
    path(
        "ticket-types/<uuid:pk>",
        TicketTypeViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
        name="ticket-type-detail",
    ),
    path("events/<uuid:event_id>/attendance", AttendanceView.as_view(), name="event-attendance"),
    path("events/<uuid:event_id>/scans", EventScansView.as_view(), name="event-scans"),
    path("checkin/scans", ScansView.as_view(), name="checkin-scans"),
    path("checkin/admissions", AdmissionsView.as_view(), name="checkin-admissions"),
]
