"""The admin site as an application, which Django's own would stand for otherwise."""

from django.contrib.admin.apps import AdminConfig


class SiteConfig(AdminConfig):
    """Django's admin with our site; unfold stands in the list without its own."""

    default = False
    default_site = "backoffice.site.site.Site"
