from core.sections import SectionConfig


class DoorConfig(SectionConfig):
    name = "door"
    verbose_name = "Staff sign-in"
    periodic_tasks = {"door.prune_sessions": 86_400.0}

    def ready(self) -> None:
        from door import sessions

        sessions.connect_signals()
