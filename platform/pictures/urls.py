from api.viewsets import api_route
from pictures.storage_view import StorageViewSet

urlpatterns = [api_route("storage/<file>", StorageViewSet, read="show")]
