from api.viewsets import route
from settings_app.views import SettingViewSet

urlpatterns = [route("settings", SettingViewSet, read="list", write="save", delete="remove")]
