"""`/users`: oneself, and for super admins everyone. Parse, call, serialize."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone
from rest_framework import mixins, status, viewsets
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import administration, erasure, examples, exporting, profile
from accounts.auth_views import SIGNED_IN, asked
from accounts.errors import (
    AccountErased,
    AccountLocked,
    EmailTaken,
    LastSuperAdmin,
    OwnAccount,
    PhoneTaken,
    WrongPassword,
)
from accounts.filters import UserFilter
from accounts.models import User
from accounts.permissions import IsSuperAdmin
from accounts.schema import deletes_with_body
from accounts.serializers import (
    ChangeMeSerializer,
    ChangeUserSerializer,
    EraseMeSerializer,
    ExportSerializer,
    UserAdminSerializer,
    UserSerializer,
)
from trufan.lib.schema import documented

SUPER_ADMIN = "Super admins."


class MeViewSet(viewsets.GenericViewSet):
    """The person who asks."""

    serializer_class = UserSerializer

    @documented("Show myself", permission=SIGNED_IN, response=UserSerializer, response_example=examples.USER)
    def show(self, request: Request) -> Response:
        return Response(UserSerializer(request.user).data)

    @documented(
        "Change myself",
        permission=SIGNED_IN,
        description="Another e-mail address or phone needs `current_password`, and is unproven until it is verified.",
        request=ChangeMeSerializer,
        response=UserSerializer,
        errors=[WrongPassword, AccountLocked, EmailTaken, PhoneTaken],
        request_example={"first_name": "Fay"},
        response_example=examples.USER,
    )
    def change(self, request: Request) -> Response:
        wanted = asked(ChangeMeSerializer, request, partial=True)
        return Response(UserSerializer(profile.update(request._request, request.user, wanted, timezone.now())).data)

    @documented(
        "Erase me",
        permission=SIGNED_IN,
        description="Erases name, addresses and every other trace that is not part of the books, and ends every "
        "session. Orders, payments and the audit trail stay, without a name. This cannot be undone.",
        request=EraseMeSerializer,
        status=204,
        errors=[WrongPassword, AccountLocked, LastSuperAdmin],
        request_example={"password": examples.CREDENTIAL},
    )
    @deletes_with_body
    def erase(self, request: Request) -> Response:
        password = asked(EraseMeSerializer, request)["password"]
        erasure.erase(request._request, request.user, password, timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @documented(
        "Export what is stored about me",
        permission=SIGNED_IN,
        response=ExportSerializer,
        response_example=examples.EXPORT,
    )
    def export(self, request: Request) -> Response:
        body = exporting.export(request.user, timezone.now())
        return Response(body, headers={"Content-Disposition": 'attachment; filename="trufan-export.json"'})


class UserViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """Everyone, for super admins."""

    queryset = User.objects.select_related("message_settings")
    serializer_class = UserAdminSerializer
    permission_classes = (IsAuthenticated, IsSuperAdmin)
    filterset_class = UserFilter
    search_fields = ["email", "first_name", "last_name", "phone"]
    ordering_fields = ["created_at", "email", "last_login"]
    lookup_value_converter = "uuid"

    @documented(
        "List people",
        permission=SUPER_ADMIN,
        response=UserAdminSerializer(many=True),
        response_example=examples.USER_FOR_ADMIN,
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @documented(
        "Show a person",
        permission=SUPER_ADMIN,
        response=UserAdminSerializer,
        response_example=examples.USER_FOR_ADMIN,
    )
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().retrieve(request, *args, **kwargs)

    @documented(
        "Change a person's role, or switch the account on or off",
        permission=SUPER_ADMIN + " Nobody changes their own account here.",
        description="Switching an account off ends its sessions at once.",
        request=ChangeUserSerializer,
        response=UserAdminSerializer,
        errors=[OwnAccount, AccountErased],
        request_example={"role": "venue_admin"},
        response_example={**examples.USER_FOR_ADMIN, "role": "venue_admin"},
    )
    def partial_update(self, request: Request, pk: UUID) -> Response:
        wanted = asked(ChangeUserSerializer, request, partial=True)
        user = administration.change(self.get_object(), by=request.user, now=timezone.now(), **wanted)
        return Response(UserAdminSerializer(user).data)
