"""The app configuration of the admin site, in place of Django's own."""

from django.contrib.admin.apps import AdminConfig


class SiteConfig(AdminConfig):
    """Django's admin with our site, which unfold's own app would replace by its own."""

    default = False
    default_site = "backoffice.site.site.StaffSite"
