"""What beat starts, and how often."""

from config.sections import PATH_TASKS

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
EVERY: dict[str, float] = {
    **dict.fromkeys(PATH_TASKS, 1.0),  # the feed wakes them; should a wake-up get lost
    "alerts.deliver": 1.0,
    "accounts.send_codes": 2.0,
    "trading.complete_fills": 15.0,
    "trading.rollover": MINUTE,
    "alerts.close_expired": MINUTE,
    "api.prune_keys": HOUR,
    "accounts.prune_sign_ups": HOUR,
    "backoffice.expire_approvals": HOUR,
    "accounts.prune_tokens": DAY,
    "realtime.prune_events": DAY,
    "alerts.prune_logs": DAY,
    "audit.prune_sign_ins": DAY,
    "door.prune_sessions": DAY,
}


def entry(task: str, seconds: float) -> dict[str, object]:
    """One task; where it runs often, what waited until its next turn is not run at all."""
    options = {"expires": seconds} if seconds <= MINUTE else {}
    return {"task": task, "schedule": seconds, "options": options}


SCHEDULE = {task: entry(task, seconds) for task, seconds in EVERY.items()}
