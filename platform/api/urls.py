from api.views import LimitViewSet, RequestViewSet
from api.viewsets import route

urlpatterns = [
    route("requests/<key>", RequestViewSet, read="outcome"),
    route("limits", LimitViewSet, read="list"),
]
