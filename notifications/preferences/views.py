"""What a person wants to hear, under `/users/me`, and the page and button that end mails of a kind."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import select_template
from django.utils.translation import get_language_from_request
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from notifications.preferences import changing, kind_words, unsubscribing
from notifications.preferences.errors import AlwaysSent, PhoneNotVerified
from notifications.preferences.examples import CHANGE, SETTINGS
from notifications.preferences.models import Consent
from notifications.preferences.serializers import ChangeMessageSettingsSerializer, MessageSettingsSerializer
from notifications.preferences.unsubscribing import BadToken, Subscription
from trufan.lib.client_ip import client_ip
from trufan.lib.errors import Missing
from trufan.lib.schema import documented

_SIGNED_IN = "Anyone signed in."
_HOLDER = "Whoever has the link, which is in every mail that can be left out."
_FORM = "application/x-www-form-urlencoded"
#: A page of ours in the browser: its own style, and a form to itself.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"


class MyMessagesView(APIView):
    """The messages of the person who asks."""

    permission_classes = [IsAuthenticated]

    @documented(
        "Show which messages I get",
        permission=_SIGNED_IN,
        description="Kinds for staff are listed for staff alone.",
        response=MessageSettingsSerializer,
        response_example=SETTINGS,
        tags=["users"],
    )
    def get(self, request: Request) -> Response:
        return Response(MessageSettingsSerializer.answer(request.user))

    @documented(
        "Choose which messages I get",
        permission=_SIGNED_IN,
        description="What is left out stays as it is. Quiet hours need a time zone; what concerns money, safety or "
        "food that is ready does not wait for their end. Every choice that changes is kept as a consent.",
        request=ChangeMessageSettingsSerializer,
        response=MessageSettingsSerializer,
        errors=[AlwaysSent, PhoneNotVerified],
        request_example=CHANGE,
        response_example=SETTINGS,
        tags=["users"],
    )
    def patch(self, request: Request) -> Response:
        asked = ChangeMessageSettingsSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        ip = client_ip(request._request)
        changing.change(request.user, **asked.wanted(), source=Consent.Source.APP, ip=ip)
        return Response(MessageSettingsSerializer.answer(request.user))


class UnsubscribeView(APIView):
    """Where the links in mails lead. Nobody is asked who they are: the link says it."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    parser_classes = [FormParser, MultiPartParser]

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """A page, whatever the mail program says that it takes."""
        return super().perform_content_negotiation(request, force=True)

    @documented(
        "Show the page that ends mails of a kind",
        permission=_HOLDER,
        description="Changes nothing: programs that look at links look at this one too. A link that is not ours is "
        "answered by a page with status 404.",
        errors=[Missing],
        media_type="text/html",
        is_page=True,
        tags=["notifications"],
    )
    def get(self, request: Request, token: str) -> HttpResponse:
        try:
            what = unsubscribing.read(token)
        except BadToken:
            return _page(request, None)
        return _page(request, what)

    @documented(
        "End mails of a kind",
        permission=_HOLDER,
        description="One click in the mail program (RFC 8058: `List-Unsubscribe=One-Click`), or the page's button. "
        "`undo=1` lets them come again. Done twice it is done once.",
        request={_FORM: {"type": "object", "properties": {"List-Unsubscribe": {"type": "string"}}}},
        request_example={"List-Unsubscribe": "One-Click"},
        errors=[Missing],
        media_type="text/html",
        is_page=True,
        tags=["notifications"],
    )
    def post(self, request: Request, token: str) -> HttpResponse:
        form: Any = request.data
        one_click = form.get("List-Unsubscribe") == "One-Click"
        source = Consent.Source.ONE_CLICK if one_click else Consent.Source.LINK
        try:
            what = unsubscribing.read(token)
        except BadToken:
            return _page(request, None)
        wanted = form.get("undo") == "1" and not one_click
        unsubscribing.say(what, wanted=wanted, source=source, ip=client_ip(request._request))
        return _page(request, what)


def _page(request: Request, what: Subscription | None) -> HttpResponse:
    """In the person's language, else in one that the browser asks for; status 404 about nothing."""
    language = (what.language if what else "") or get_language_from_request(request._request)
    said: dict[str, Any] = {"what": what}
    if what:
        label, description = kind_words.of(what.kind, language)
        said |= {"label": label, "description": description, "locked": unsubscribing.is_locked(what)}
    page = select_template([f"unsubscribe/{language}/page.html", "unsubscribe/page.html"]).render(said)
    # The address holds a key: it goes nowhere from here.
    headers = {
        "Content-Security-Policy": POLICY,
        "Referrer-Policy": "no-referrer",
        "Content-Language": language or settings.LANGUAGE_CODE,
    }
    return HttpResponse(page, status=200 if what else 404, content_type="text/html; charset=utf-8", headers=headers)
