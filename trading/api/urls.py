from api.viewsets import api_route
from trading.api.account_views import AccountViewSet
from trading.api.bulk_views import BulkViewSet
from trading.api.explain_views import ExplainViewSet
from trading.api.order_views import OrderViewSet
from trading.api.staff_views import StaffAccountViewSet
from trading.api.views import TradeViewSet

urlpatterns = [
    api_route("account/me", AccountViewSet, read="me", write="update_profile"),
    api_route("account/profile", AccountViewSet, write="update_profile"),
    api_route("account/login", AccountViewSet, read="by_login"),
    api_route("accounts", StaffAccountViewSet, read="accounts"),
    api_route("balances/list", StaffAccountViewSet, read="balances"),
    api_route("margin_call", StaffAccountViewSet, read="margin_calls"),
    api_route("account/balance", AccountViewSet, read="balance"),
    api_route("trade/open", TradeViewSet, write="open"),
    api_route("trade/open/pending", TradeViewSet, write="open_pending"),
    api_route("trade/close", TradeViewSet, delete="close"),
    api_route("trade/close/group", BulkViewSet, delete="close"),
    api_route("trade/cancel", TradeViewSet, delete="cancel"),
    api_route("trade/cancel/group", BulkViewSet, delete="cancel"),
    api_route("trade/modify", TradeViewSet, update="modify_position"),
    api_route("trade/modify/open", TradeViewSet, update="modify_position"),
    api_route("trade/modify/pending", TradeViewSet, update="modify_pending"),
    api_route("trade/check", TradeViewSet, write="check"),
    api_route("trade/explain/<id>", ExplainViewSet, read="explain"),
    api_route("trades/history/login", TradeViewSet, read="history"),
    api_route("trades/order", OrderViewSet, read="show"),
    api_route("trades/orders", OrderViewSet, read="list"),
    api_route("trades", TradeViewSet, read="list"),
]
