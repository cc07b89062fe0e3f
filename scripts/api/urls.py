from api.viewsets import api_route
from scripts.api.views import ScriptViewSet

urlpatterns = [
    api_route("scripts", ScriptViewSet, read="list"),
    api_route("script", ScriptViewSet, write="save", delete="remove_named"),
    api_route("script/<id>", ScriptViewSet, read="retrieve", delete="remove"),
]
