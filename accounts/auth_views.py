"""`/auth`: signing in and out, and proving who one is. Parse, call, serialize."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import mixins, status, viewsets
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from accounts import email_verification, examples, password_reset, passwords, phone_codes, registration, sign_in
from accounts.errors import (
    AccountLocked,
    AlreadyVerified,
    CodeTooSoon,
    EmailTaken,
    InvalidCode,
    InvalidCredentials,
    InvalidLink,
    InvalidSecondFactor,
    InvalidToken,
    PhoneTaken,
    SecondFactorLocked,
    SecondFactorNotSetUp,
    SecondFactorRequired,
    WrongPassword,
)
from accounts.models import SignIn
from accounts.serializers import (
    ChangePasswordSerializer,
    CodeSentSerializer,
    ForgotPasswordSerializer,
    LoginSerializer,
    RefreshSerializer,
    RegisterSerializer,
    ResetPasswordSerializer,
    SendCodeSerializer,
    SessionSerializer,
    SignInSerializer,
    UserSerializer,
    VerifyEmailSerializer,
    VerifyPhoneSerializer,
)
from notifications.preferences import speaking
from trufan.lib.errors import Missing
from trufan.lib.flags import SwitchedOff
from trufan.lib.schema import documented
from trufan.lib.throttling import limited

ANYONE = "Anyone."
SIGNED_IN = "Anyone signed in."


def asked(serializer: type[Serializer], request: Request, **options: Any) -> dict[str, Any]:
    """What the body says; raises a validation error."""
    given = serializer(data=request.data, **options)
    given.is_valid(raise_exception=True)
    return given.validated_data


class EntranceViewSet(viewsets.GenericViewSet):
    """What people do before they are signed in. A token that is sent along is not looked at."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    serializer_class = SessionSerializer

    @documented(
        "Register",
        permission=ANYONE,
        description="A new customer, signed in. A link to verify the address is mailed. Messages are written in the "
        "language of `Accept-Language`, where it is one of ours.",
        request=RegisterSerializer,
        response=SessionSerializer,
        status=201,
        errors=[SwitchedOff, EmailTaken, PhoneTaken],
        request_example={
            "email": "fay@example.com",
            "password": examples.CREDENTIAL,
            "first_name": "Fay",
            "last_name": "Fan",
            "phone": "+12125550123",
        },
        response_example=examples.SESSION,
        limited="register",
    )
    @limited("register")
    def register(self, request: Request) -> Response:
        now = timezone.now()
        language = speaking.asked_for(request._request)
        session = registration.register(**asked(RegisterSerializer, request), now=now, language=language)
        return Response(SessionSerializer.answer(session, now), status=status.HTTP_201_CREATED)

    @documented(
        "Sign in",
        permission=ANYONE,
        description="An unknown address and a wrong password get the same answer. Repeated failures lock the address "
        "for the caller's IP for a while, whether or not it has an account.\n\n"
        "An account with a second factor needs `otp` as well: without it the answer is `second_factor_required`, and "
        "no try is counted. Wrong codes lock the codes of the account.",
        request=LoginSerializer,
        response=SessionSerializer,
        errors=[
            InvalidCredentials,
            AccountLocked,
            SecondFactorRequired,
            InvalidSecondFactor,
            SecondFactorLocked,
            SecondFactorNotSetUp,
        ],
        request_example={"email": "fay@example.com", "password": examples.CREDENTIAL, "otp": "042917"},
        response_example=examples.SESSION,
        limited="login",
    )
    @limited("login")
    def login(self, request: Request) -> Response:
        now = timezone.now()
        session = sign_in.login(request._request, **asked(LoginSerializer, request), now=now)
        return Response(SessionSerializer.answer(session, now))

    @documented(
        "Get the next pair of tokens",
        permission="Whoever holds the refresh token.",
        description="A refresh token is good once. One that was used before ends its whole session, with every token "
        "that came of it: it may have been stolen.",
        request=RefreshSerializer,
        response=SessionSerializer,
        errors=[InvalidToken],
        request_example={"refresh_token": examples.SESSION["refresh_token"]},
        response_example=examples.SESSION,
    )
    def refresh(self, request: Request) -> Response:
        now = timezone.now()
        session = sign_in.refresh(asked(RefreshSerializer, request)["refresh_token"], now)
        return Response(SessionSerializer.answer(session, now))

    @documented(
        "Ask for a link to reset a forgotten password",
        permission=ANYONE,
        description="The answer is the same whether or not the address has an account; if it has, a link is mailed.",
        request=ForgotPasswordSerializer,
        status=202,
        request_example={"email": "fay@example.com"},
        limited="password_reset",
    )
    @limited("password_reset")
    def forgot_password(self, request: Request) -> Response:
        password_reset.request_link(asked(ForgotPasswordSerializer, request)["email"])
        return Response(status=status.HTTP_202_ACCEPTED)

    @documented(
        "Set a new password with a mailed token",
        permission="Whoever holds the mailed token.",
        description="Ends every session of the account and proves its e-mail address.",
        request=ResetPasswordSerializer,
        status=204,
        errors=[InvalidLink],
        request_example={"token": "MDE5YzFmM2U.c9xk2q-5f3a…", "new_password": examples.CREDENTIAL},
        limited="password_reset",
    )
    @limited("password_reset")
    def reset_password(self, request: Request) -> Response:
        password_reset.reset(**asked(ResetPasswordSerializer, request), now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @documented(
        "Verify an e-mail address with a mailed token",
        permission="Whoever holds the mailed token.",
        description="Orders that were placed as a guest with this address join the account.",
        request=VerifyEmailSerializer,
        status=204,
        errors=[InvalidLink],
        request_example={"token": "WyIwMTljMWYzZS…"},
        limited="code",
    )
    @limited("code")
    def verify_email(self, request: Request) -> Response:
        email_verification.verify(asked(VerifyEmailSerializer, request)["token"], timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class SessionViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """What people do about their own sign-ins, password, address and phone."""

    queryset = SignIn.objects.none()
    serializer_class = SignInSerializer
    filter_backends = ()
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[SignIn]:
        if getattr(self, "swagger_fake_view", False):
            return SignIn.objects.none()
        return SignIn.objects.live(timezone.now()).filter(user=self.request.user)

    @documented(
        "List my sessions",
        permission=SIGNED_IN,
        description="Devices that are signed in now, the last used first.",
        response=SignInSerializer(many=True),
        response_example=examples.SIGN_IN,
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @documented("End one of my sessions", permission="Its owner.", status=204, errors=[Missing])
    def destroy(self, request: Request, pk: UUID) -> Response:
        sign_in.end(self.get_object(), timezone.now(), because=sign_in.Ended.LOGOUT)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @documented(
        "Sign out",
        permission=SIGNED_IN,
        description="Ends this session: its access and refresh tokens are refused from now on.",
        status=204,
    )
    def logout(self, request: Request) -> Response:
        if request.auth is not None:
            sign_in.end(request.auth, timezone.now(), because=sign_in.Ended.LOGOUT)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @documented(
        "Sign out everywhere", permission=SIGNED_IN, description="Ends every session, this one too.", status=204
    )
    def logout_all(self, request: Request) -> Response:
        sign_in.logout_all(request.user, timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @documented(
        "Change my password",
        permission=SIGNED_IN,
        description="Ends every other session.",
        request=ChangePasswordSerializer,
        status=204,
        errors=[WrongPassword, AccountLocked],
        request_example={"current_password": examples.CREDENTIAL, "new_password": "Another-Horse-7"},
        limited="password_reset",
    )
    @limited("password_reset")
    def change_password(self, request: Request) -> Response:
        given = asked(ChangePasswordSerializer, request)
        passwords.change(
            request._request,
            request.user,
            current=given["current_password"],
            new=given["new_password"],
            now=timezone.now(),
            keep=request.auth,
        )
        return Response(status=status.HTTP_204_NO_CONTENT)

    @documented(
        "Mail the verification link once more",
        permission=SIGNED_IN,
        status=202,
        errors=[AlreadyVerified],
        limited="code",
    )
    @limited("code")
    def resend_verification(self, request: Request) -> Response:
        email_verification.resend(request.user)
        return Response(status=status.HTTP_202_ACCEPTED)

    @documented(
        "Send a code to my phone",
        permission=SIGNED_IN,
        description="Six digits by SMS, good for ten minutes and five tries; the newest is the only good one.",
        request=SendCodeSerializer,
        response=CodeSentSerializer,
        status=202,
        errors=[AlreadyVerified, CodeTooSoon],
        request_example={"phone": "+12125550123"},
        response_example={"expires_at": "2026-11-21T10:10:00Z", "retry_after": 60},
        limited="code",
    )
    @limited("code")
    def send_code(self, request: Request) -> Response:
        phone = asked(SendCodeSerializer, request).get("phone")
        code = phone_codes.send_code(request.user, phone, timezone.now())
        body = {"expires_at": code.expires_at, "retry_after": int(phone_codes.PAUSE.total_seconds())}
        return Response(CodeSentSerializer(body).data, status=status.HTTP_202_ACCEPTED)

    @documented(
        "Verify my phone with the code",
        permission=SIGNED_IN,
        request=VerifyPhoneSerializer,
        response=UserSerializer,
        errors=[InvalidCode, PhoneTaken],
        request_example={"code": "042917"},
        response_example={**examples.USER, "phone_verified_at": "2026-11-21T10:01:00Z"},
        limited="code",
    )
    @limited("code")
    def verify_phone(self, request: Request) -> Response:
        user = phone_codes.verify(request.user, asked(VerifyPhoneSerializer, request)["code"], timezone.now())
        return Response(UserSerializer(user).data)
