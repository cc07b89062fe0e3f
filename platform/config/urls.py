"""Every route: the sections' own, the API's pages, the backoffice and the health answer."""

from importlib import import_module

from django.contrib import admin
from django.http import HttpRequest, JsonResponse
from django.urls import URLPattern, URLResolver, path, re_path
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from api.negotiation import AnyAnswer
from api.urls import urlpatterns as api_urlpatterns
from backoffice.home import home
from config.sections import section_modules

handler400 = "api.errors.bad_request"
handler403 = "api.errors.denied"
handler404 = "api.errors.not_found"
handler500 = "api.errors.broken"


@csrf_exempt  # whoever asks, by whatever method, gets the answer
def healthz(request: HttpRequest) -> JsonResponse:
    """This process is alive."""
    return JsonResponse({"data": "OK"})


ANY = {"content_negotiation_class": AnyAnswer}
urlpatterns: list[URLPattern | URLResolver] = [
    path("", home, name="home"),
    re_path(r"^healthz/?$", healthz),
    re_path(r"^schema/?$", SpectacularAPIView.as_view(**ANY), name="schema"),
    re_path(r"^docs/?$", SpectacularSwaggerView.as_view(url_name="schema", **ANY), name="docs"),
    path("admin", RedirectView.as_view(url="/admin/")),
    path("admin/", admin.site.urls),
]
urlpatterns += api_urlpatterns
for module in section_modules("urls"):
    urlpatterns += import_module(module).urlpatterns
