"""Everything this server answers."""

from django.conf import settings
from django.conf.urls.static import static
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from accounts import spoken
from trufan import console_login, console_password, finding, health, metrics, privacy
from trufan.lib.exception_handler import unknown_route


def no_shortcut(request: HttpRequest, rest: str) -> HttpResponse:
    """In front of the admin's "view on site", which no row here has and which breaks on ids that are no UUIDs."""
    raise Http404


urlpatterns = [
    # Pictures, while DEBUG is on and only where they are ours to serve; a live server's proxy serves them.
    *static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT),
    path("", RedirectView.as_view(pattern_name="docs")),
    path("admin/r/<path:rest>", no_shortcut),
    path("admin/door/", include("ticketing.scanner.urls")),
    # In front of Django's own, which knows no second step.
    path("admin/login/", console_login.password_step),
    path("admin/login/code/", console_login.code_step, name="console_login_code"),
    path("admin/login/forgotten/", console_password.forgotten, name="console_password_forgotten"),
    path("admin/login/password/", console_password.choose, name="console_password"),
    path("admin/find/", admin.site.admin_view(finding.find), name="console_find"),
    path("admin/venue/", admin.site.admin_view(finding.switch), name="console_switch"),
    path("admin/privacy/", admin.site.admin_view(privacy.show), name="console_privacy"),
    path("admin/flags/", include("venues.flags.screens")),
    path("admin/", admin.site.urls),
    path("language/setlang/", spoken.switch, name="set_language"),
    path("api/v1/", include("trufan.api")),
    path("health", health.alive, name="health"),
    path("health/ready", health.ready, name="health_ready"),
    path("health/serving", health.serving, name="health_serving"),
    path("metrics", metrics.metrics, name="metrics"),
    re_path(r"^(?:api|health)/(?P<rest>.*)$", unknown_route),
]

handler400 = "trufan.lib.exception_handler.handler400"
handler403 = "trufan.lib.exception_handler.handler403"
handler404 = "trufan.lib.exception_handler.handler404"
handler500 = "trufan.lib.exception_handler.handler500"
