"""Where venues, their staff and their taxes are reached."""

from typing import Any

from django.urls import path
from rest_framework.routers import SimpleRouter

from venues.audit_views import AuditView
from venues.devices.views import VenueDeviceViewSet
from venues.flags.views import FlagsView
from venues.payout_views import OnboardingView, PayoutsView
from venues.seating.views import SeatingPlanViewSet, VenueSeatingPlanViewSet
from venues.statement_views import StatementViewSet
from venues.tenant_views import StaffViewSet, TaxRateViewSet
from venues.views import VenueViewSet
from venues.webhook_views import WebhookEndpointViewSet, WebhookEventTypesView, WebhookMessageViewSet

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("venues", VenueViewSet, basename="venue")

_rows: dict[str, Any] = {"get": "list", "post": "create"}
_staff: dict[str, Any] = {"patch": "partial_update", "delete": "destroy"}
_rate: dict[str, Any] = {"patch": "partial_update"}
_endpoint: dict[str, Any] = {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}
_plan: dict[str, Any] = {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}
_seats: dict[str, Any] = {"get": "seats", "put": "replace"}
_plans = "seating-plans/<uuid:pk>"
_hooks = "venues/<uuid:venue_id>/webhook-endpoints"
_hook = f"{_hooks}/<uuid:pk>"
_messages = f"{_hooks}/<uuid:endpoint_id>/messages"
urlpatterns = [
    *router.urls,
    path("flags", FlagsView.as_view(), name="flags"),
    path("venues/<uuid:venue_id>/audit", AuditView.as_view(), name="venue-audit"),
    path("venues/<uuid:venue_id>/payouts", PayoutsView.as_view(), name="venue-payouts"),
    path("venues/<uuid:venue_id>/payouts/onboarding", OnboardingView.as_view(), name="venue-onboarding"),
    path("venues/<uuid:venue_id>/statements", StatementViewSet.as_view({"get": "list"}), name="statement-list"),
    path("venues/<uuid:venue_id>/statements.csv", StatementViewSet.as_view({"get": "download"}), name="statement-csv"),
    path(
        "venues/<uuid:venue_id>/statements/movements",
        StatementViewSet.as_view({"get": "movements"}),
        name="statement-movements",
    ),
    path("venues/<uuid:venue_id>/staff", StaffViewSet.as_view(_rows), name="venue-staff-list"),
    path("venues/<uuid:venue_id>/staff/<uuid:pk>", StaffViewSet.as_view(_staff), name="venue-staff-detail"),
    path("venues/<uuid:venue_id>/tax-rates", TaxRateViewSet.as_view(_rows), name="tax-rate-list"),
    path(
        "venues/<uuid:venue_id>/tax-rates/<uuid:pk>",
        TaxRateViewSet.as_view(_rate),
        name="tax-rate-detail",
    ),
    path("venues/<uuid:venue_id>/seating-plans", VenueSeatingPlanViewSet.as_view(_rows), name="seating-plan-list"),
    path(_plans, SeatingPlanViewSet.as_view(_plan), name="seating-plan-detail"),
    path(f"{_plans}/seats", SeatingPlanViewSet.as_view(_seats), name="seating-plan-seats"),
    path(f"{_plans}/seats.csv", SeatingPlanViewSet.as_view({"get": "download"}), name="seating-plan-csv"),
    path(f"{_plans}/map.svg", SeatingPlanViewSet.as_view({"get": "map"}), name="seating-plan-map"),
    path("venues/<uuid:venue_id>/devices", VenueDeviceViewSet.as_view(_rows), name="venue-device-list"),
    path(
        "venues/<uuid:venue_id>/devices/<uuid:pk>/rotate",
        VenueDeviceViewSet.as_view({"post": "rotate"}),
        name="venue-device-rotate",
    ),
    path(
        "venues/<uuid:venue_id>/devices/<uuid:pk>/revoke",
        VenueDeviceViewSet.as_view({"post": "revoke"}),
        name="venue-device-revoke",
    ),
    path("webhook-event-types", WebhookEventTypesView.as_view(), name="webhook-event-types"),
    path(_hooks, WebhookEndpointViewSet.as_view(_rows), name="webhook-endpoint-list"),
    path(_hook, WebhookEndpointViewSet.as_view(_endpoint), name="webhook-endpoint-detail"),
    path(f"{_hook}/rotate-secret", WebhookEndpointViewSet.as_view({"post": "rotate_secret"}), name="webhook-rotate"),
    path(f"{_hook}/ping", WebhookEndpointViewSet.as_view({"post": "ping"}), name="webhook-ping"),
    path(f"{_hook}/replay", WebhookEndpointViewSet.as_view({"post": "replay"}), name="webhook-replay"),
    path(_messages, WebhookMessageViewSet.as_view({"get": "list"}), name="webhook-message-list"),
    path(f"{_messages}/<uuid:pk>", WebhookMessageViewSet.as_view({"get": "retrieve"}), name="webhook-message-detail"),
    path(
        f"{_messages}/<uuid:pk>/replay",
        WebhookMessageViewSet.as_view({"post": "replay"}),
        name="webhook-message-replay",
    ),
]
