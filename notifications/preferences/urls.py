"""Preferences under `/api/v1/`."""

from django.urls import path

from notifications.preferences.views import MyMessagesView, UnsubscribeView

urlpatterns = [
    path("users/me/notifications", MyMessagesView.as_view(), name="my-notifications"),
    path("unsubscribe/<str:token>", UnsubscribeView.as_view(), name="unsubscribe"),
]
