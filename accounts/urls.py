from django.urls import path
from rest_framework.routers import SimpleRouter

from accounts.auth_views import EntranceViewSet as Entrance
from accounts.auth_views import SessionViewSet as Session
from accounts.user_views import MeViewSet as Me
from accounts.user_views import UserViewSet

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("users", UserViewSet, basename="user")
urlpatterns = [
    path("auth/register", Entrance.as_view({"post": "register"}), name="auth-register"),
    path("auth/login", Entrance.as_view({"post": "login"}), name="auth-login"),
    path("auth/refresh", Entrance.as_view({"post": "refresh"}), name="auth-refresh"),
    path("auth/logout", Session.as_view({"post": "logout"}), name="auth-logout"),
    path("auth/logout-all", Session.as_view({"post": "logout_all"}), name="auth-logout-all"),
    path("auth/sessions", Session.as_view({"get": "list"}), name="auth-sessions"),
    path("auth/sessions/<uuid:pk>", Session.as_view({"delete": "destroy"}), name="auth-session"),
    path("auth/password/forgot", Entrance.as_view({"post": "forgot_password"}), name="auth-password-forgot"),
    path("auth/password/reset", Entrance.as_view({"post": "reset_password"}), name="auth-password-reset"),
    path("auth/password/change", Session.as_view({"post": "change_password"}), name="auth-password-change"),
    path("auth/email/verify", Entrance.as_view({"post": "verify_email"}), name="auth-email-verify"),
    path("auth/email/resend", Session.as_view({"post": "resend_verification"}), name="auth-email-resend"),
    path("auth/phone/send-code", Session.as_view({"post": "send_code"}), name="auth-phone-send-code"),
    path("auth/phone/verify", Session.as_view({"post": "verify_phone"}), name="auth-phone-verify"),
    path("users/me", Me.as_view({"get": "show", "patch": "change", "delete": "erase"}), name="me"),
    path("users/me/export", Me.as_view({"get": "export"}), name="me-export"),
    *router.urls,
]
