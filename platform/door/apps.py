"""The room of the staff's door, and the admin site that has it."""

from django.contrib.admin.apps import AdminConfig

from core.sections import SectionConfig


class DoorConfig(SectionConfig):
    name = "door"
    verbose_name = "Staff sign-in"
    staff_actions = "door.staff_actions.ACTIONS"
    periodic_tasks = {"door.prune_sessions": 86_400.0}

    def ready(self) -> None:
        from door import sessions

        sessions.watch()


class SiteConfig(AdminConfig):
    """Django's admin with our site; unfold stands in the list without its own."""

    default = False
    default_site = "door.site.Site"
