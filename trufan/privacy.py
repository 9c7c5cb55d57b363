"""The console's page of what is kept of people, for how long and why; super admins alone."""

from __future__ import annotations

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from trufan.lib import retention
from trufan.lib.console import columns
from trufan.lib.console.sections import Section


def may_read(request: HttpRequest) -> bool:
    return request.user.is_active and request.user.is_superuser


@never_cache
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """One query for each kind, however many rows there are."""
    if not may_read(request):
        raise PermissionDenied
    context = {
        **admin.site.each_context(request),
        "title": gettext("Privacy"),
        "sections": [_forgotten(), _staying()],
    }
    return TemplateResponse(request, "admin/console/privacy.html", context)


def _forgotten() -> Section:
    zone = timezone.get_current_timezone()
    return Section(
        title=gettext("Forgotten by age"),
        headers=[
            gettext("what"),
            gettext("why it is kept"),
            gettext("for how long"),
            gettext("setting"),
            gettext("oldest"),
        ],
        rows=[
            [str(kind.what), str(kind.why), kind.kept, kind.setting or "–", columns.local_time(kind.oldest(), zone)]
            for kind in retention.kinds()
        ],
    )


def _staying() -> Section:
    return Section(
        title=gettext("Kept"),
        headers=[gettext("what"), gettext("why it is kept")],
        rows=[[str(each.what), str(each.why)] for each in retention.staying()],
    )
