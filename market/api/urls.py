from api.viewsets import api_route
from market.api.candle_views import CandleViewSet
from market.api.feed_views import FeedViewSet
from market.api.icon_view import IconViewSet
from market.api.udf_views import UDFViewSet
from market.api.views import MarketViewSet, WatchViewSet

urlpatterns = [
    api_route("market", MarketViewSet, read="list"),
    api_route("market/short/list", MarketViewSet, read="short_list"),
    api_route("market/symbol", MarketViewSet, read="symbol"),
    api_route("market/history", MarketViewSet, read="history"),
    api_route("market/watch/list", WatchViewSet, read="list"),
    api_route("market/watch", WatchViewSet, write="save", delete="delete"),
    api_route("quotes/candles", CandleViewSet, read="list"),
    api_route("udf/config", UDFViewSet, read="config"),
    api_route("udf/symbols", UDFViewSet, read="symbol"),
    api_route("udf/symbol_info", UDFViewSet, read="symbol_info"),
    api_route("udf/search", UDFViewSet, read="search"),
    api_route("udf/history", UDFViewSet, read="history"),
    api_route("udf/time", UDFViewSet, read="time"),
    api_route("udf/quotes", UDFViewSet, read="quotes"),
    api_route("icons/<file>", IconViewSet, read="show"),
    api_route("feed/quotes", FeedViewSet, write="push"),
]
