"""Passes the request id to the tasks that a request or a task sends."""

from contextlib import AbstractContextManager
from typing import Any

from celery.signals import before_task_publish, task_postrun, task_prerun

from observe.trace import Trace, current, request_id, tracing

HEADER = "request_id"
_running: dict[str, AbstractContextManager[Trace]] = {}  # by the task's own id


@before_task_publish.connect
def carry(headers: dict[str, Any] | None = None, **_: Any) -> None:
    """Add the request id to the headers of a task's message."""
    trace = current()
    if trace is not None and headers is not None:
        headers[HEADER] = trace.request_id


@task_prerun.connect
def begin(task_id: str, task: Any, **_: Any) -> None:
    """Work on the task with its request id; a task sent without one goes by its own id."""
    trace = Trace(request_id(task.request.get(HEADER) or task_id))
    _running[task_id] = tracing(trace)
    _running[task_id].__enter__()


@task_postrun.connect
def end(task_id: str, **_: Any) -> None:
    """End the task's request context."""
    running = _running.pop(task_id, None)
    if running is not None:
        running.__exit__(None, None, None)
