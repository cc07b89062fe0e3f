"""The alert routes (rest.md, section 8)."""

from alerts.api.views import AlertLogViewSet, AlertViewSet
from api.viewsets import api_route

urlpatterns = [
    api_route("price_alert", AlertViewSet, write="save", delete="delete"),
    api_route("price_alert/list", AlertViewSet, read="list"),
    api_route("price_alert/logs", AlertLogViewSet, read="list", delete="clear"),
    api_route("price_alert/logs/<id>", AlertLogViewSet, delete="delete"),
    api_route("price_alert/<id>", AlertViewSet, delete="delete"),
]
