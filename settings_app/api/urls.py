from api.viewsets import api_route
from settings_app.api.views import SettingViewSet

urlpatterns = [api_route("settings", SettingViewSet, read="list", update="save", delete="remove")]
