"""Routes of the broker's side of the feed."""

from api.viewsets import route
from market.feed_views import FeedViewSet

urlpatterns = [route("feed/quotes", FeedViewSet, write="push")]
