"""Where tickets, their sale and the door are reached."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from ticketing.attendees.views import AttendeesFileView, AttendeesView, QuestionViewSet, TicketAttendeeView
from ticketing.door.event_views import (
    AttendanceView,
    ConflictsView,
    CountsView,
    EventScansView,
    SearchView,
    SyncView,
)
from ticketing.door.list_views import CheckInListViewSet
from ticketing.exchanges.views import OrderExchangeViewSet
from ticketing.manifest.views import ManifestView
from ticketing.papers.views import (
    AppleWalletView,
    GoogleWalletView,
    OrderTicketsPdfView,
    TicketCalendarView,
    TicketPdfView,
)
from ticketing.pricing.views import BundleViewSet, TicketReleaseViewSet, UnlockCodeViewSet
from ticketing.rotation.views import RotatingCodeView
from ticketing.seats.views import EventSeatViewSet, SeatDrawingView, SeatingView, SeatMapView, SeatStatusesView
from ticketing.slots.views import EntrySlotViewSet
from ticketing.ticket_type_views import TicketTypeViewSet
from ticketing.transfers.views import OfferTicketView, TicketTransferViewSet
from ticketing.views import OrderTicketsView, TicketKeysView, TicketViewSet
from ticketing.waitingroom.views import (
    AdmitView,
    ChallengeView,
    CloseWaitingRoomView,
    OpenWaitingRoomView,
    PlaceView,
    WaitingRoomView,
)
from ticketing.waitlist.views import JoinWaitlistView, WaitlistViewSet

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("tickets", TicketViewSet, basename="ticket")
router.register("ticket-transfers", TicketTransferViewSet, basename="ticket-transfer")
router.register("waitlist", WaitlistViewSet, basename="waitlist-entry")
urlpatterns = [
    *router.urls,
    path("tickets/<uuid:ticket_id>/transfers", OfferTicketView.as_view(), name="ticket-transfers"),
    path("tickets/<uuid:ticket_id>/rotating-code", RotatingCodeView.as_view(), name="ticket-rotating-code"),
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
    path(
        "ticket-types/<uuid:type_id>/releases",
        TicketReleaseViewSet.as_view({"get": "list", "post": "create"}),
        name="ticket-type-releases",
    ),
    path(
        "ticket-releases/<uuid:pk>",
        TicketReleaseViewSet.as_view({"patch": "partial_update", "delete": "destroy"}),
        name="ticket-release-detail",
    ),
    path(
        "events/<uuid:event_id>/unlock-codes",
        UnlockCodeViewSet.as_view({"get": "list", "post": "create"}),
        name="event-unlock-codes",
    ),
    path(
        "events/<uuid:event_id>/unlock-codes/batches",
        UnlockCodeViewSet.as_view({"post": "generate"}),
        name="event-unlock-batches",
    ),
    path(
        "events/<uuid:event_id>/unlock-codes.csv",
        UnlockCodeViewSet.as_view({"get": "download"}),
        name="event-unlock-csv",
    ),
    path(
        "unlock-codes/<uuid:pk>",
        UnlockCodeViewSet.as_view({"get": "retrieve", "patch": "partial_update"}),
        name="unlock-code-detail",
    ),
    path(
        "events/<uuid:event_id>/bundles",
        BundleViewSet.as_view({"get": "list", "post": "create"}),
        name="event-bundles",
    ),
    path(
        "bundles/<uuid:pk>",
        BundleViewSet.as_view({"get": "retrieve", "patch": "partial_update"}),
        name="bundle-detail",
    ),
    path("ticket-types/<uuid:type_id>/waitlist", JoinWaitlistView.as_view(), name="ticket-type-waitlist"),
    path("events/<uuid:event_id>/seating", SeatingView.as_view(), name="event-seating"),
    path("events/<uuid:event_id>/seating/seats", EventSeatViewSet.as_view({"get": "list"}), name="event-seating-seats"),
    path("events/<uuid:event_id>/seats", SeatMapView.as_view(), name="event-seats"),
    path("events/<uuid:event_id>/seats/statuses", SeatStatusesView.as_view(), name="event-seat-statuses"),
    path("events/<uuid:event_id>/seats.svg", SeatDrawingView.as_view(), name="event-seats-drawing"),
    path("tickets/<uuid:ticket_id>/attendee", TicketAttendeeView.as_view(), name="ticket-attendee"),
    path("events/<uuid:event_id>/attendees", AttendeesView.as_view(), name="event-attendees"),
    path("events/<uuid:event_id>/attendees.csv", AttendeesFileView.as_view(), name="event-attendees-file"),
    path(
        "events/<uuid:event_id>/questions",
        QuestionViewSet.as_view({"get": "list", "post": "create"}),
        name="event-questions",
    ),
    path(
        "questions/<uuid:pk>",
        QuestionViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
        name="question-detail",
    ),
    path(
        "events/<uuid:event_id>/slots",
        EntrySlotViewSet.as_view({"get": "list", "post": "create"}),
        name="event-slots",
    ),
    path(
        "events/<uuid:event_id>/slots/generate", EntrySlotViewSet.as_view({"post": "generate"}), name="generate-slots"
    ),
    path(
        "slots/<uuid:pk>",
        EntrySlotViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
        name="slot-detail",
    ),
    path("events/<uuid:event_id>/waiting-room", WaitingRoomView.as_view(), name="waiting-room"),
    path("events/<uuid:event_id>/waiting-room/close", CloseWaitingRoomView.as_view(), name="waiting-room-close"),
    path("events/<uuid:event_id>/waiting-room/open", OpenWaitingRoomView.as_view(), name="waiting-room-open"),
    path("events/<uuid:event_id>/waiting-room/admit", AdmitView.as_view(), name="waiting-room-admit"),
    path("events/<uuid:event_id>/waiting-room/challenge", ChallengeView.as_view(), name="waiting-room-challenge"),
    path("waiting-room/<str:token>", PlaceView.as_view(), name="waiting-room-place"),
    path("tickets/<uuid:ticket_id>/ticket.pdf", TicketPdfView.as_view(), name="ticket-pdf"),
    path("tickets/<uuid:ticket_id>/calendar.ics", TicketCalendarView.as_view(), name="ticket-calendar"),
    path("tickets/<uuid:ticket_id>/apple-wallet.pkpass", AppleWalletView.as_view(), name="ticket-apple-wallet"),
    path("tickets/<uuid:ticket_id>/google-wallet", GoogleWalletView.as_view(), name="ticket-google-wallet"),
    path(
        "orders/<uuid:order_id>/exchanges",
        OrderExchangeViewSet.as_view({"get": "list", "post": "create"}),
        name="order-exchanges",
    ),
    path("orders/<uuid:order_id>/tickets.pdf", OrderTicketsPdfView.as_view(), name="order-tickets-pdf"),
    path("events/<uuid:event_id>/attendance", AttendanceView.as_view(), name="event-attendance"),
    path("events/<uuid:event_id>/checkin/manifest", ManifestView.as_view(), name="event-manifest"),
    path("events/<uuid:event_id>/scans", EventScansView.as_view(), name="event-scans"),
    path(
        "events/<uuid:event_id>/checkin/lists",
        CheckInListViewSet.as_view({"get": "list", "post": "create"}),
        name="event-checkin-lists",
    ),
    path("events/<uuid:event_id>/checkin/counts", CountsView.as_view(), name="event-checkin-counts"),
    path("events/<uuid:event_id>/checkin/conflicts", ConflictsView.as_view(), name="event-checkin-conflicts"),
    path("events/<uuid:event_id>/checkin/search", SearchView.as_view(), name="event-checkin-search"),
    path("events/<uuid:event_id>/checkin/sync", SyncView.as_view(), name="event-checkin-sync"),
    path("", include("ticketing.boxoffice.urls")),
]
