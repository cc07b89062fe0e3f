"""The schedule of Celery beat."""

from core.sections import list_configs, list_tasks_after_quotes

MINUTE = 60.0
INTERVALS: dict[str, float] = {
    # The feed wakes these where its quotes matter; this is for lost wake-ups.
    **dict.fromkeys(list_tasks_after_quotes(), 5.0),
    **{task: each for config in list_configs() for task, each in config.periodic_tasks.items()},
}


def schedule_entry(task: str, seconds: float) -> dict[str, object]:
    """Return beat's entry for a task; frequent ones expire when the next is due."""
    options = {"expires": seconds} if seconds <= MINUTE else {}
    return {"task": task, "schedule": seconds, "options": options}


SCHEDULE = {task: schedule_entry(task, seconds) for task, seconds in INTERVALS.items()}
