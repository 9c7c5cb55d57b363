"""A small API whose endpoints do one odd thing each; tests name it with `@pytest.mark.urls`."""

from __future__ import annotations

import threading
from typing import Any, ClassVar

from django.core import exceptions as django_errors
from django.db import DataError, IntegrityError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path, re_path
from rest_framework import exceptions as drf_errors
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.views import APIView
from rest_framework.viewsets import ReadOnlyModelViewSet, ViewSet

from trufan.lib import errors
from trufan.lib.exception_handler import unknown_route
from trufan.lib.idempotency import idempotent
from trufan.lib.idempotency_record import IdempotencyRecord
from trufan.lib.schema import documented
from trufan.lib.serializing import ModelSerializer
from trufan.lib.throttling import limited
from trufan.urls import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

RAISED: dict[str, Exception] = {
    "domain": errors.Conflict("Taken.", details=[errors.Detail("items[0].quantity", "sold_out", "Only 1 is left.")]),
    "later": errors.TooMany(retry_after=7),
    "unauthenticated": drf_errors.NotAuthenticated(),
    "bad_token": drf_errors.AuthenticationFailed({"detail": "Token is invalid", "code": "token_not_valid"}),
    "forbidden": django_errors.PermissionDenied("secret reason"),
    "drf_forbidden": drf_errors.PermissionDenied("secret reason"),
    "missing": Http404("No Order matches the given query."),
    "throttled": drf_errors.Throttled(wait=2.2),
    "model_invalid": django_errors.ValidationError({"name": ["Too long."], "__all__": ["Ends before it starts."]}),
    "text_invalid": django_errors.ValidationError("Wrong.", code="wrong"),
    "suspicious": django_errors.SuspiciousOperation("secret reason"),
    "too_big": django_errors.RequestDataTooBig("secret reason"),
    "database_down": OperationalError("connection to 10.0.0.5 refused"),
    "out_of_range": DataError("integer out of range"),
    "check_violated": IntegrityError("CHECK constraint failed: secret"),
    "defect": KeyError("secret_name"),
}


class LineSerializer(serializers.Serializer):
    quantity = serializers.IntegerField(min_value=1)


class CartSerializer(serializers.Serializer):
    items = LineSerializer(many=True)
    tags = serializers.ListField(child=serializers.CharField(max_length=3), required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs["items"]) > 1:
            raise serializers.ValidationError("One line only.", code="too_many_lines")
        return attrs


class RaisingView(APIView):
    permission_classes: ClassVar = [AllowAny]
    authentication_classes: ClassVar = []

    def get(self, request: Request, kind: str) -> Response:
        raise RAISED[kind]


class EchoView(APIView):
    permission_classes: ClassVar = [AllowAny]
    authentication_classes: ClassVar = []

    def post(self, request: Request) -> Response:
        return Response(request.data)


class CartView(APIView):
    permission_classes: ClassVar = [AllowAny]
    authentication_classes: ClassVar = []

    def post(self, request: Request) -> Response:
        cart = CartSerializer(data=request.data)
        cart.is_valid(raise_exception=True)
        return Response(cart.data)


class TwiceView(APIView):
    """Stores the same caller and key twice."""

    permission_classes: ClassVar = [AllowAny]
    authentication_classes: ClassVar = []

    def post(self, request: Request) -> Response:
        for _ in range(2):
            IdempotencyRecord.objects.create(caller="twice", key="same", fingerprint="")
        return Response()


class EffectSerializer(ModelSerializer):
    class Meta:
        model = IdempotencyRecord
        fields: ClassVar = ["key", "fingerprint"]


class EffectViewSet(ReadOnlyModelViewSet):
    """Its effect is a row of the one table the library has; `answer` in the body says how the request shall end."""

    queryset = IdempotencyRecord.objects.filter(caller="effect").order_by("created_at", "id")
    serializer_class = EffectSerializer
    permission_classes: ClassVar = [AllowAny]
    search_fields: ClassVar = ["key"]
    ordering_fields: ClassVar = ["key"]
    #: A test may hold requests here, half-way through.
    inside: ClassVar[threading.Event] = threading.Event()
    go_on: ClassVar[threading.Event] = threading.Event()

    @documented(
        "Make",
        permission="Anyone.",
        request=CartSerializer,
        response=EffectSerializer,
        status=201,
        errors=[errors.InvalidMove],
        response_example={"key": "1", "fingerprint": ""},
        idempotent=True,
    )
    @idempotent
    def create(self, request: Request) -> Response:
        return self._make(request)

    @action(detail=False, methods=["post"])
    @idempotent(atomic=False)
    def leased(self, request: Request) -> Response:
        return self._make(request)

    def _make(self, request: Request) -> Response:
        made = IdempotencyRecord.objects.create(
            caller="effect", key=str(IdempotencyRecord.objects.filter(caller="effect").count())
        )
        if request.data.get("wait"):
            self.inside.set()
            self.go_on.wait(10)
        kind = request.data.get("answer")
        if kind in RAISED:
            raise RAISED[kind]
        return Response({"z": made.key, "a": str(made.pk)}, status=kind or 201)


class GuardedViewSet(ViewSet):
    permission_classes: ClassVar = [IsAuthenticated]

    @documented("Guess", permission="Anyone signed in.", limited="login")
    @action(detail=False, methods=["post"], permission_classes=[AllowAny])
    @limited("login")
    def guess(self, request: Request) -> Response:
        return Response({"right": False})

    @documented("Draw", permission="Anyone signed in.", media_type="image/png")
    def list(self, request: Request) -> Response:
        return Response({"user": str(request.user.pk)})


def plain(request: HttpRequest, kind: str) -> HttpResponse:
    """A Django view without DRF."""
    raise RAISED[kind]


router = SimpleRouter(trailing_slash=False)
router.register("effects", EffectViewSet, basename="effect")
router.register("guarded", GuardedViewSet, basename="guarded")
urlpatterns = [
    path("api/v1/", include(router.urls)),
    path("api/v1/raise/<str:kind>", RaisingView.as_view()),
    path("api/v1/plain/<str:kind>", plain),
    path("api/v1/echo", EchoView.as_view()),
    path("api/v1/cart", CartView.as_view()),
    path("api/v1/twice", TwiceView.as_view()),
    path("api/v1/webhooks/probe", EchoView.as_view()),
    path("page/<str:kind>", plain),
    re_path(r"^api/(?P<rest>.*)$", unknown_route),
]
