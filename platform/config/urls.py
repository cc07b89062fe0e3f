"""Every route: the sections' own, the API's pages, the backoffice and the health answer."""

from importlib import import_module

from django.contrib import admin
from django.http import HttpRequest, JsonResponse
from django.urls import URLPattern, URLResolver, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from backoffice.home import home
from config.sections import section_modules

handler400 = "api.errors.bad_request"
handler403 = "api.errors.denied"
handler404 = "api.errors.not_found"
handler500 = "api.errors.broken"


def healthz(request: HttpRequest) -> JsonResponse:
    """This process is alive."""
    return JsonResponse({"data": "OK"})


urlpatterns: list[URLPattern | URLResolver] = [
    path("", home, name="home"),
    path("healthz", healthz),
    path("schema", SpectacularAPIView.as_view(), name="schema"),
    path("docs", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    path("admin", RedirectView.as_view(url="/admin/")),
    path("admin/", admin.site.urls),
]
for module in section_modules("urls"):
    urlpatterns += import_module(module).urlpatterns
