"""Quotes and reservations, below `/api/v1/parking/`."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from parking.booking.views import QuoteViewSet, ReservationChangeViewSet, ReservationViewSet

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("quotes", QuoteViewSet, basename="parking-quote")
router.register("reservations", ReservationViewSet, basename="parking-reservation")
_changes = "reservations/<uuid:reservation_id>/changes"
urlpatterns = [
    *router.urls,
    path(_changes, ReservationChangeViewSet.as_view({"post": "create"}), name="parking-changes"),
    path(f"{_changes}/preview", ReservationChangeViewSet.as_view({"post": "preview"}), name="parking-change-preview"),
    path(f"{_changes}/<uuid:pk>/pay", ReservationChangeViewSet.as_view({"post": "pay"}), name="parking-change-pay"),
]
