from api.viewsets import route
from scripts.views import ScriptViewSet

urlpatterns = [
    route("scripts", ScriptViewSet, read="list"),
    route("script", ScriptViewSet, write="save", delete="remove_named"),
    route("script/<id>", ScriptViewSet, read="retrieve", delete="remove"),
]
