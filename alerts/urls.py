"""The alert routes (rest.md, section 8)."""

from alerts.views import AlertLogViewSet, AlertViewSet
from api.viewsets import route

urlpatterns = [
    route("price_alert", AlertViewSet, write="save", delete="delete"),
    route("price_alert/list", AlertViewSet, read="list"),
    route("price_alert/<id>", AlertViewSet, delete="delete"),
    route("price_alert/logs", AlertLogViewSet, read="list", delete="clear"),
    route("price_alert/logs/<id>", AlertLogViewSet, delete="delete"),
]
