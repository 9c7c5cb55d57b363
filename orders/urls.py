"""Orders under `/api/v1/`."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from orders.aftersale.views import OrderRatingView, OrderTipViewSet
from orders.calloffs.views import CallOffOrderViewSet, CallOffViewSet
from orders.kitchen.views import BuyerCancelView, FulfilmentViewSet, OutletDeliveriesView, OutletQueueView
from orders.moves.views import EventMoveViewSet, OrderMoveViewSet
from orders.promos.bulk_views import BulkPreviewView, BulkView
from orders.promos.views import PromoCodeViewSet, PromoUseViewSet
from orders.receipts.views import PaperPdfView, PaperView, ReceiptPdfView, ReceiptView
from orders.refund_views import OrderRefundViewSet
from orders.timeline_views import OrderTimelineView
from orders.views import OrderViewSet

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("orders", OrderViewSet, basename="order")
router.register("fulfilments", FulfilmentViewSet, basename="fulfilment")
urlpatterns = [
    *router.urls,
    path("", include("orders.menu.urls")),
    path(
        "orders/<uuid:order_id>/refunds",
        OrderRefundViewSet.as_view({"get": "list", "post": "create"}),
        name="order-refunds",
    ),
    path(
        "orders/<uuid:order_id>/refunds/preview",
        OrderRefundViewSet.as_view({"post": "preview"}),
        name="order-refund-preview",
    ),
    path(
        "orders/<uuid:order_id>/refunds/<uuid:pk>/retry",
        OrderRefundViewSet.as_view({"post": "retry"}),
        name="order-refund-retry",
    ),
    path(
        "orders/<uuid:order_id>/refunds/<uuid:pk>",
        OrderRefundViewSet.as_view({"get": "retrieve"}),
        name="order-refund",
    ),
    path(
        "venues/<uuid:venue_id>/promo-codes",
        PromoCodeViewSet.as_view({"get": "list", "post": "create"}),
        name="promo-codes",
    ),
    path(
        "venues/<uuid:venue_id>/promo-codes/batches",
        PromoCodeViewSet.as_view({"post": "generate"}),
        name="promo-code-batches",
    ),
    path("venues/<uuid:venue_id>/promo-codes/bulk", BulkView.as_view(), name="promo-code-bulk"),
    path("venues/<uuid:venue_id>/promo-codes/bulk/preview", BulkPreviewView.as_view(), name="promo-code-bulk-preview"),
    path(
        "venues/<uuid:venue_id>/promo-codes/export",
        PromoCodeViewSet.as_view({"get": "download"}),
        name="promo-code-export",
    ),
    path(
        "venues/<uuid:venue_id>/promo-codes/<uuid:pk>",
        PromoCodeViewSet.as_view({"get": "retrieve", "patch": "partial_update"}),
        name="promo-code",
    ),
    path(
        "venues/<uuid:venue_id>/promo-codes/<uuid:pk>/uses",
        PromoUseViewSet.as_view({"get": "list"}),
        name="promo-code-uses",
    ),
    path(
        "orders/<uuid:order_id>/fulfilments/<uuid:pk>/cancel", BuyerCancelView.as_view(), name="order-fulfilment-cancel"
    ),
    path("outlets/<uuid:outlet_id>/queue", OutletQueueView.as_view(), name="outlet-queue"),
    path("outlets/<uuid:outlet_id>/deliveries", OutletDeliveriesView.as_view(), name="outlet-deliveries"),
    path("orders/<uuid:order_id>/timeline", OrderTimelineView.as_view(), name="order-timeline"),
    path("orders/<uuid:order_id>/receipt", ReceiptView.as_view(), name="order-receipt"),
    path("orders/<uuid:order_id>/receipt.pdf", ReceiptPdfView.as_view(), name="order-receipt-pdf"),
    path("orders/<uuid:order_id>/receipts/<int:number>", PaperView.as_view(), name="order-paper"),
    path("orders/<uuid:order_id>/receipts/<int:number>.pdf", PaperPdfView.as_view(), name="order-paper-pdf"),
    path("orders/<uuid:order_id>/tips", OrderTipViewSet.as_view({"get": "list", "post": "create"}), name="order-tips"),
    path(
        "orders/<uuid:order_id>/tips/<uuid:pk>/refund",
        OrderTipViewSet.as_view({"post": "refund"}),
        name="order-tip-refund",
    ),
    path(
        "events/<uuid:event_id>/call-off",
        CallOffViewSet.as_view({"get": "retrieve", "post": "create"}),
        name="event-call-off",
    ),
    path(
        "events/<uuid:event_id>/call-off/preview",
        CallOffViewSet.as_view({"post": "preview"}),
        name="event-call-off-preview",
    ),
    path(
        "events/<uuid:event_id>/call-off/retry", CallOffViewSet.as_view({"post": "retry"}), name="event-call-off-retry"
    ),
    path(
        "events/<uuid:event_id>/call-off/orders",
        CallOffOrderViewSet.as_view({"get": "list"}),
        name="event-call-off-orders",
    ),
    path(
        "events/<uuid:event_id>/moves",
        EventMoveViewSet.as_view({"get": "list", "post": "create"}),
        name="event-moves",
    ),
    path("orders/<uuid:order_id>/event-moves", OrderMoveViewSet.as_view({"get": "list"}), name="order-event-moves"),
    path(
        "orders/<uuid:order_id>/event-moves/<uuid:pk>/answer",
        OrderMoveViewSet.as_view({"post": "answer"}),
        name="order-event-move-answer",
    ),
    path("orders/<uuid:order_id>/rating", OrderRatingView.as_view({"post": "create"}), name="order-rating"),
]
