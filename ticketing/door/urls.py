"""What scanners and stewards send, under `checkin/`; what they look up of an event stands with its other addresses."""

from django.urls import path

from ticketing.door.list_views import CheckInListViewSet
from ticketing.door.order_views import OrderAdmissionsView, OrderUndosView
from ticketing.door.views import AdmissionsView, ScansView, UndosView

urlpatterns = [
    path("scans", ScansView.as_view(), name="checkin-scans"),
    path("admissions", AdmissionsView.as_view(), name="checkin-admissions"),
    path("undos", UndosView.as_view(), name="checkin-undos"),
    path("orders", OrderAdmissionsView.as_view(), name="checkin-orders"),
    path("orders/undos", OrderUndosView.as_view(), name="checkin-order-undos"),
    path(
        "lists/<uuid:pk>",
        CheckInListViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
        name="checkin-list-detail",
    ),
]
