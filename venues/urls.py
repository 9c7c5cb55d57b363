"""Where venues, their staff and their taxes are reached."""

from typing import Any

from django.urls import path
from rest_framework.routers import SimpleRouter

from venues.payout_views import OnboardingView, PayoutsView
from venues.statement_views import StatementViewSet
from venues.tenant_views import StaffViewSet, TaxRateViewSet
from venues.views import VenueViewSet

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("venues", VenueViewSet, basename="venue")

_rows: dict[str, Any] = {"get": "list", "post": "create"}
_staff: dict[str, Any] = {"patch": "partial_update", "delete": "destroy"}
_rate: dict[str, Any] = {"patch": "partial_update"}
urlpatterns = [
    *router.urls,
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
]
