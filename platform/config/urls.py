"""All routes: of the sections, the API and the backoffice; `observe` answers the probes."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, path, re_path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from api.negotiation import FallbackNegotiation
from api.urls import urlpatterns as api_urlpatterns
from backoffice.site import brand_files
from backoffice.site.home import home_page
from backoffice.widgets.dashboard import tiles_data as dashboard_data
from config.reference.pages import codes_page, stream_document, stream_page
from core.sections import load_items
from staff_auth.middleware import ADMIN_PATH

handler400 = "backoffice.site.error_pages.bad_request"
handler403 = "backoffice.site.error_pages.permission_denied"
handler404 = "backoffice.site.error_pages.not_found"
handler500 = "backoffice.site.error_pages.server_error"


ANY_MEDIA_TYPE = {"content_negotiation_class": FallbackNegotiation}
urlpatterns: list[URLPattern | URLResolver] = [
    path("", home_page, name="home"),
    path("favicon.ico", brand_files.show_favicon, name="favicon"),
    path("brand/logo", brand_files.show_logo, name="brand_logo"),
    path("brand/colors.css", brand_files.show_colors, name="brand_colors"),
    re_path(r"^schema/?$", SpectacularAPIView.as_view(**ANY_MEDIA_TYPE), name="schema"),
    re_path(
        r"^docs/?$",
        SpectacularSwaggerSplitView.as_view(url_name="schema", **ANY_MEDIA_TYPE),
        name="docs",
    ),
    re_path(r"^docs/stream/?$", stream_page, name="stream_reference"),
    re_path(r"^docs/codes/?$", codes_page, name="codes_reference"),
    re_path(r"^schema/stream/?$", stream_document, name="stream_document"),
    path(ADMIN_PATH.strip("/"), RedirectView.as_view(url=ADMIN_PATH)),
    path("admin/dashboard/data", admin.site.admin_view(dashboard_data), name="dashboard_data"),
    path(ADMIN_PATH.lstrip("/"), admin.site.urls),
]
urlpatterns += api_urlpatterns
urlpatterns += load_items("urls")
