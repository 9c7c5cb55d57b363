"""Where events are reached."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from events.series.views import CopyEventView, EventSeriesViewSet
from events.views import EventViewSet

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("events", EventViewSet, basename="event")
router.register("event-series", EventSeriesViewSet, basename="event-series")
urlpatterns = [
    *router.urls,
    path("events/<uuid:event_id>/copies", CopyEventView.as_view(), name="event-copies"),
]
