"""Mail under `/api/v1/`."""

from django.urls import path

from notifications.mail.views import MailReportView

urlpatterns = [path("webhooks/email/<slug:provider>", MailReportView.as_view(), name="mail-report")]
