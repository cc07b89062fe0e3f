from core.sections import SectionConfig


class StaffAuthConfig(SectionConfig):
    name = "staff_auth"
    label = "door"  # of its tables, permissions and migrations
    verbose_name = "Staff sign-in"
    periodic_tasks = {"door.prune_sessions": 86_400.0}

    def ready(self) -> None:
        from staff_auth import session_limits

        session_limits.connect_signals()
