"""Time zones come along as a package: a slim container has no zone files of its own."""

import json
import subprocess
from pathlib import Path
from zoneinfo import available_timezones

from tests.runtime.process_helpers import PYTHON, ROOT, child_environment

ASKED = """
import json
from datetime import UTC, datetime
from zoneinfo import TZPATH, available_timezones
from core.clock import NEW_YORK
from market.schedules import validate_zone
validate_zone("Europe/London")
moments = (datetime(2026, month, 15, 12, tzinfo=UTC) for month in (1, 7))
hours = [moment.astimezone(NEW_YORK).hour for moment in moments]
print(json.dumps({"path": TZPATH, "hours": hours, "zones": sorted(available_timezones())}))
"""
OF_THE_SYSTEM = {"Factory", "localtime", "posixrules"}


def without_zone_files(folder: Path, *words: str) -> str:
    """What `manage.py` prints where Python finds no zone files of the system."""
    done = subprocess.run(
        [PYTHON, "manage.py", *words],
        cwd=ROOT,
        env=child_environment(folder, PYTHONTZPATH=""),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_the_platform_starts_without_zone_files(tmp_path: Path) -> None:
    without_zone_files(tmp_path, "check")


def test_time_zones_are_known_without_zone_files(tmp_path: Path) -> None:
    found = json.loads(without_zone_files(tmp_path, "shell", "-v0", "-c", ASKED))
    assert found["path"] == []
    assert found["hours"] == [7, 8]
    assert available_timezones() - OF_THE_SYSTEM <= set(found["zones"])
