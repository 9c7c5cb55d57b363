"""Parking under `/api/v1/parking/`."""

from django.urls import include, path

ROOMS = ("lots", "vehicles", "booking", "stays", "valet", "pricing")
urlpatterns = [path("parking/", include(f"parking.{room}.urls")) for room in ROOMS]
