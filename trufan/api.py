"""The table of contents of /api/v1/."""

from django.urls import include, path, re_path

from trufan import docs
from trufan.lib.exception_handler import unknown_route

urlpatterns = [
    # Tried one after the other: in front what a night asks most.
    path("checkin/", include("ticketing.door.urls")),
    path("", include("events.urls")),
    path("", include("orders.urls")),
    path("", include("ticketing.urls")),
    path("", include("parking.urls")),
    path("", include("notifications.preferences.urls")),
    path("", include("accounts.urls")),
    path("", include("notifications.mail.urls")),
    path("", include("venues.urls")),
    path("", include("payments.urls")),
    path("", include("reports.urls")),
    path("", include("notifications.sms.urls")),
    path("", include("notifications.push.urls")),
    path("schema", docs.schema, name="schema"),
    path("asyncapi.yaml", docs.asyncapi, name="asyncapi"),
    path("docs", docs.swagger, name="docs"),
    path("redoc", docs.redoc, name="redoc"),
    re_path(r"^(?P<rest>.*)$", unknown_route),
]
