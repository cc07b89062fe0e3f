"""The request id is passed to the tasks of a request, with a real worker."""

import os
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from celery import current_app
from django.conf import settings

from observe.context import RequestContext, use_context
from tests import forked
from tests.runtime.process_helpers import wait_until

# A worker of its own, with one task that says something and sends another.
APP = """
import logging
from celery import shared_task
from config.celery import app

@shared_task(name="test.outer")
def outer():
    logging.getLogger("test").info("outer says password=hunter2-hunter2")
    inner.delay()

@shared_task(name="test.inner")
def inner():
    logging.getLogger("test").info("inner")
"""
SECRET = "hunter2-hunter2"


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Path]:
    """What the worker writes."""
    (tmp_path / "said_app.py").write_text(APP)
    log = tmp_path / "log"
    words = ["-m", "celery", "--quiet", "-A", "said_app", "worker"]
    words += ["--concurrency", "1", "--without-mingle", "--without-gossip", "--loglevel", "INFO"]
    environment = {
        **os.environ,
        "PYTHONPATH": f"{tmp_path}:{settings.BASE_DIR}:{settings.BASE_DIR}/platform",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "LOG_FORMAT": "json",
    }
    with log.open("wb") as out:
        child = forked.Process(words, environment, (out, out))
        yield log
        child.terminate()
        child.wait(30)


def lines(log: Path) -> dict[str, dict[str, str]]:
    """The lines of the tasks by their first word."""
    found = [orjson.loads(line) for line in log.read_bytes().splitlines() if line[:1] == b"{"]
    return {line["message"].split()[0]: line for line in found if line["logger"] == "test"}


def test_the_request_id_is_passed_to_tasks_and_their_subtasks(worker: Path) -> None:
    with use_context(RequestContext("request-0001")):
        current_app.send_task("test.outer")
    wait_until(lambda: {"outer", "inner"} <= lines(worker).keys(), within=60)
    assert lines(worker)["outer"]["request_id"] == "request-0001"
    assert lines(worker)["inner"]["request_id"] == "request-0001"
    assert SECRET not in worker.read_text()


def test_a_task_without_a_request_logs_its_own_id(worker: Path) -> None:
    sent = current_app.send_task("test.inner")
    wait_until(lambda: "inner" in lines(worker), within=60)
    assert lines(worker)["inner"]["request_id"] == sent.id
