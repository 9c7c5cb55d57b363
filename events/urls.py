"""Where events are reached."""

from rest_framework.routers import SimpleRouter

from events.views import EventViewSet

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("events", EventViewSet, basename="event")
urlpatterns = router.urls
