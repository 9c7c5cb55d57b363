"""The API face of the manifest: parse, call, and hand out bytes."""

from __future__ import annotations

import gzip
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.grants import Permission
from ticketing.manifest import making
from ticketing.manifest.versions import Version
from ticketing.permissions import staff_event
from trufan.lib.errors import Forbidden, Invalid, Missing
from trufan.lib.schema import documented
from venues.devices.models import VenueDevice
from venues.devices.opening import open_to

MEDIA_TYPE = "application/vnd.trufan.manifest"
#: Ids are random and don't shrink; what does, does at once.
_LEVEL = 1


class ManifestView(APIView):
    """What a scanner takes with it where there is no network."""

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """Bytes are asked for by a type which no renderer of data speaks."""
        return super().perform_content_negotiation(request, force=True)

    @open_to(VenueDevice.Scope.SCAN)
    @documented(
        "Get an event's manifest",
        permission="Staff with `check_in` at the event's venue.",
        description="All that a scanner needs without a network, signed by the venue: times, the door's rules, keys "
        "and the state of every ticket. It holds no personal data, but where codes rotate the door's key: keep it "
        "like a password. With `since`, the `version` of the one that a scanner holds, only what changed since. The "
        "answer has an `ETag`. The chapter “The manifest” of docs/door.md has every byte.",
        errors=[Forbidden, Missing, Invalid],
        parameters=[OpenApiParameter("since", str, description="The version of the manifest that the scanner holds.")],
        media_type=MEDIA_TYPE,
    )
    def get(self, request: Request, event_id: UUID) -> HttpResponseBase:
        event = staff_event(request.user, event_id, Permission.CHECK_IN)
        asked = request.query_params.get("since")
        manifest = making.make(event, timezone.now(), Version.parse(asked) if asked else None)
        # Weak: the bytes differ in when they were made.
        etag = f'W/"{manifest.tag}"'
        answer = get_conditional_response(request._request, etag=etag) or _bytes(request, manifest.content)
        answer["ETag"], answer["Cache-Control"] = etag, "private, no-store"
        patch_vary_headers(answer, ["Accept-Encoding"])
        return answer


def _bytes(request: Request, content: bytes) -> HttpResponse:
    if "gzip" not in request.headers.get("Accept-Encoding", ""):
        return HttpResponse(content, content_type=MEDIA_TYPE)
    packed = gzip.compress(content, _LEVEL, mtime=0)
    return HttpResponse(packed, content_type=MEDIA_TYPE, headers={"Content-Encoding": "gzip"})
