"""What beat starts, and how often."""

from core.sections import list_configs, list_tasks_after_quotes

MINUTE = 60.0
EVERY: dict[str, float] = {
    # The feed wakes these; should a wake-up get lost.
    **dict.fromkeys(list_tasks_after_quotes(), 1.0),
    **{task: each for config in list_configs() for task, each in config.periodic_tasks.items()},
}


def entry(task: str, seconds: float) -> dict[str, object]:
    """One task; where it runs often, what waited until its next turn is not run at all."""
    options = {"expires": seconds} if seconds <= MINUTE else {}
    return {"task": task, "schedule": seconds, "options": options}


SCHEDULE = {task: entry(task, seconds) for task, seconds in EVERY.items()}
