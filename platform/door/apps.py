"""The room of the staff's door, and the admin site that has it."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class DoorConfig(AppConfig):
    name = "door"
    verbose_name = "Staff sign-in"

    def ready(self) -> None:
        from door import sessions

        sessions.watch()


class SiteConfig(AdminConfig):
    """Django's admin with our site; unfold stands in the list without its own."""

    default = False
    default_site = "door.site.Site"
