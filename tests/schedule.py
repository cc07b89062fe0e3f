"""A pytest plugin: which tests come first, and which stay together on one worker.

Quick rooms come first, so that most failures show within the first minutes; the folders that
start processes or a browser come last, those first that cannot be divided. Files are handed out
one by one, but for two folders whose tests share what takes long to start.
"""

import gc
import os
from collections.abc import Generator
from contextlib import suppress
from importlib import import_module
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).resolve().parent
# These start processes; the ones that are one piece of work come first, the longest of them while
# enough is left for the others, so that the workers end at about the same time.
LATER = (
    "e2e/browser", "e2e", "deployment", "web", "runtime", "realtime", "config", "observe", "alerts",
)  # fmt: skip
SHARED = ("e2e", "web")  # one platform with one browser; one of each server


def room(path: str) -> str:
    """Return the folder of tests that a file's path, relative to the project, lies in."""
    parts = Path(path).parts
    return parts[1] if len(parts) > 2 else ""


class RoomScheduling(LoadScopeScheduling):  # type: ignore[misc]  # untyped, as all of xdist
    """Hands out whole files, and whole folders where their tests share what they start."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return room(path) if room(path) in SHARED else path


@pytest.hookimpl(tryfirst=True)  # xdist has an answer of its own
def pytest_xdist_auto_num_workers() -> int:
    """Start three workers for two cores: tests of processes wait about as much as they compute."""
    cores = len(os.sched_getaffinity(0))
    return cores + cores // 2


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> RoomScheduling:
    """Hand out files in the order of the collection."""
    config.option.loadscopereorder = False
    return RoomScheduling(config, log)


def pytest_collectstart(collector: pytest.Collector) -> None:
    """Have each worker load other tests first.

    Where nothing is compiled yet, each then finds what the others have compiled meanwhile.
    """
    worker = getattr(collector.config, "workerinput", None)
    if worker is None or not isinstance(collector, pytest.Session):
        return
    files = sorted(path.relative_to(ROOT.parent) for path in ROOT.rglob("test_*.py"))
    asked = [Path(argument.partition("::")[0]) for argument in collector.config.args]
    number, count = int(worker["workerid"].removeprefix("gw")), worker["workercount"]
    for file in files[len(files) * number // count : len(files) * (number + 1) // count]:
        if any((ROOT.parent / file).is_relative_to(path.absolute()) for path in asked):
            with suppress(Exception):  # the collection will tell of it
                import_module(".".join(file.with_suffix("").parts))


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what hypothesis generates the input of."""
    if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
        item.add_marker("fuzz")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Bring the folders that start much to the end; files in order stay as they are written."""

    def rank(item: pytest.Item) -> int:
        path = item.path.relative_to(ROOT).as_posix()
        own = [place for place, folder in enumerate(LATER, 1) if path.startswith(f"{folder}/")]
        return own[0] if own else 0

    items.sort(key=rank)
    for kept in {item.path for item in items if item.get_closest_marker("in_order")}:
        places = [index for index, item in enumerate(items) if item.path == kept]
        written = sorted((items[index] for index in places), key=lambda item: item.location[1] or 0)
        for index, item in zip(places, written, strict=True):
            items[index] = item


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Escape what UTF-8 cannot carry in captured output: no worker could send its report."""
    report = yield
    report.sections = [
        (title, text.encode(errors="backslashreplace").decode()) for title, text in report.sections
    ]
    return report


def pytest_collection_finish() -> None:
    """Leave what is loaded by now out of garbage collection: it costs a fifth of a run's CPU."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
