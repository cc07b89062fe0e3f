"""All routes: of the sections, the API and the backoffice; `observe` answers the probes."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, path, re_path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from api.negotiation import AnyAnswer
from api.urls import urlpatterns as api_urlpatterns
from backoffice.dashboard import data as dashboard_data
from backoffice.home import home
from core.sections import load_items
from door.middleware import ADMIN

handler400 = "api.errors.bad_request"
handler403 = "api.errors.denied"
handler404 = "api.errors.not_found"
handler500 = "api.errors.broken"


ANY = {"content_negotiation_class": AnyAnswer}
urlpatterns: list[URLPattern | URLResolver] = [
    path("", home, name="home"),
    re_path(r"^schema/?$", SpectacularAPIView.as_view(**ANY), name="schema"),
    re_path(
        r"^docs/?$", SpectacularSwaggerSplitView.as_view(url_name="schema", **ANY), name="docs"
    ),
    path(ADMIN.strip("/"), RedirectView.as_view(url=ADMIN)),
    path("admin/dashboard/data", admin.site.admin_view(dashboard_data), name="dashboard_data"),
    path(ADMIN.lstrip("/"), admin.site.urls),
]
urlpatterns += api_urlpatterns
urlpatterns += load_items("urls")
