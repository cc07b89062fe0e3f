from api.viewsets import api_route
from market.api.feed_views import FeedViewSet
from market.api.icon_view import IconViewSet
from market.api.views import MarketViewSet, WatchViewSet

urlpatterns = [
    api_route("market", MarketViewSet, read="list"),
    api_route("market/short/list", MarketViewSet, read="short_list"),
    api_route("market/symbol", MarketViewSet, read="symbol"),
    api_route("market/history", MarketViewSet, read="history"),
    api_route("market/watch/list", WatchViewSet, read="list"),
    api_route("market/watch", WatchViewSet, write="save", delete="delete"),
    api_route("icons/<file>", IconViewSet, read="show"),
    api_route("feed/quotes", FeedViewSet, write="push"),
]
