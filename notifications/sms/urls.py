"""Twilio's webhooks under `/api/v1/`."""

from django.urls import path

from notifications.sms.views import TwilioInboundView, TwilioStatusView

urlpatterns = [
    path("webhooks/twilio/status", TwilioStatusView.as_view(), name="twilio-status"),
    path("webhooks/twilio/inbound", TwilioInboundView.as_view(), name="twilio-inbound"),
]
