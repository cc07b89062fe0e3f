from api.viewsets import route
from trading.account_views import AccountViewSet
from trading.explain_views import ExplainViewSet
from trading.views import TradeViewSet

urlpatterns = [
    route("account/me", AccountViewSet, read="me"),
    route("account/balance", AccountViewSet, read="balance"),
    route("trade/open", TradeViewSet, write="open"),
    route("trade/open/pending", TradeViewSet, write="open_pending"),
    route("trade/close", TradeViewSet, delete="close"),
    route("trade/cancel", TradeViewSet, delete="cancel"),
    route("trade/modify", TradeViewSet, write="modify_position"),
    route("trade/modify/open", TradeViewSet, write="modify_position"),
    route("trade/modify/pending", TradeViewSet, write="modify_pending"),
    route("trade/check", TradeViewSet, write="check"),
    route("trade/explain/<id>", ExplainViewSet, read="explain"),
    route("trades/history/login", TradeViewSet, read="history"),
    route("trades", TradeViewSet, read="list"),
]
