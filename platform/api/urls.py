from api.views import LimitViewSet, RequestViewSet
from api.viewsets import api_route

urlpatterns = [
    api_route("requests/<key>", RequestViewSet, read="outcome"),
    api_route("limits", LimitViewSet, read="list"),
]
