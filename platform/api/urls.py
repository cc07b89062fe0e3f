from api.views import LimitViewSet, RequestViewSet, TimeViewSet
from api.viewsets import api_route

urlpatterns = [
    api_route("requests/<key>", RequestViewSet, read="outcome"),
    api_route("limits", LimitViewSet, read="list"),
    api_route("time", TimeViewSet, read="now"),
]
