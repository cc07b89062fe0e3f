"""Passes the request id to the tasks that a request or a task sends."""

from contextlib import AbstractContextManager
from typing import Any

from celery.signals import before_task_publish, task_postrun, task_prerun

from observe.context import RequestContext, choose_request_id, current_context, use_context

HEADER = "request_id"
_running: dict[str, AbstractContextManager[RequestContext]] = {}  # by the task's own id


@before_task_publish.connect
def add_request_id(headers: dict[str, object] | None = None, **_: object) -> None:
    """Add the request id to the headers of a task's message."""
    context = current_context()
    if context is not None and headers is not None:
        headers[HEADER] = context.request_id


@task_prerun.connect
def begin_task(task_id: str, task: Any, **_: object) -> None:
    """Work on the task with its request id; a task sent without one goes by its own id."""
    context = RequestContext(choose_request_id(task.request.get(HEADER) or task_id))
    _running[task_id] = use_context(context)
    _running[task_id].__enter__()


@task_postrun.connect
def end_task(task_id: str, **_: object) -> None:
    """End the task's request context."""
    running = _running.pop(task_id, None)
    if running is not None:
        running.__exit__(None, None, None)
