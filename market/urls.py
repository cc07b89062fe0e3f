from api.viewsets import route
from market.feed_views import FeedViewSet
from market.views import MarketViewSet, WatchViewSet

urlpatterns = [
    route("market", MarketViewSet, read="list"),
    route("market/short/list", MarketViewSet, read="short_list"),
    route("market/symbol", MarketViewSet, read="symbol"),
    route("market/history", MarketViewSet, read="history"),
    route("market/watch/list", WatchViewSet, read="list"),
    route("market/watch", WatchViewSet, write="save", delete="delete"),
    route("feed/quotes", FeedViewSet, write="push"),
]
