"""Saved vehicles, below `/api/v1/parking/`."""

from rest_framework.routers import SimpleRouter

from parking.vehicles.views import VehicleViewSet

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("vehicles", VehicleViewSet, basename="parking-vehicle")
urlpatterns = router.urls
