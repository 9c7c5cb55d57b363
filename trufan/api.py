"""The table of contents of /api/v1/."""

from django.urls import include, path, re_path

from trufan import docs
from trufan.lib.exception_handler import unknown_route

urlpatterns = [
    path("", include("accounts.urls")),
    path("", include("venues.urls")),
    path("", include("events.urls")),
    path("", include("orders.urls")),
    path("", include("payments.urls")),
    path("", include("ticketing.urls")),
    path("", include("parking.urls")),
    path("schema", docs.schema, name="schema"),
    path("docs", docs.swagger, name="docs"),
    path("redoc", docs.redoc, name="redoc"),
    re_path(r"^(?P<rest>.*)$", unknown_route),
]
