"""Payments under `/api/v1/`."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from payments.sandbox_views import SandboxAccountView
from payments.thin_views import StripeThinWebhookView
from payments.views import PaymentViewSet, SandboxConfirmView, StripeWebhookView, WebhookView

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("payments", PaymentViewSet, basename="payment")

urlpatterns = [
    *router.urls,
    path("webhooks/sandbox", WebhookView.as_view(), name="sandbox-webhook"),
    path("webhooks/stripe", StripeWebhookView.as_view(), name="stripe-webhook"),
    path("webhooks/stripe/thin", StripeThinWebhookView.as_view(), name="stripe-thin-webhook"),
    path("sandbox/accounts/<uuid:pk>/complete", SandboxAccountView.as_view(), name="sandbox-account"),
    path("sandbox/payments/<uuid:pk>/confirm", SandboxConfirmView.as_view(), name="sandbox-confirm"),
]
