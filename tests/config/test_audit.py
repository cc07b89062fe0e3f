"""`make audit`: its output and exit code, whatever the advisory service answers."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

FINE = {"name": "django", "version": "5.2.8", "vulns": []}
BAD = {
    "name": "example",
    "version": "1.0",
    "vulns": [{"id": "PYSEC-2026-1", "fix_versions": ["1.1"], "aliases": [], "description": "x"}],
}
UNKNOWN = {"name": "ours", "skip_reason": "not found on the index"}


def audit(folder: Path, script: str) -> "subprocess.CompletedProcess[str]":
    """Run with a stand-in for pip-audit: a script that knows where to write its report."""
    command = folder / "pip-audit"
    command.write_text(f"#!{sys.executable}\nimport sys, pathlib, time\n{script}\n")
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    return subprocess.run(
        [sys.executable, ".ci/audit"],
        cwd=settings.BASE_DIR,
        env={**os.environ, "PIP_AUDIT": str(command)},
        capture_output=True,
        text=True,
    )


def reporting(*dependencies: object, code: int) -> str:
    report = json.dumps({"dependencies": dependencies, "fixes": []})
    where = "pathlib.Path(sys.argv[sys.argv.index('--output') + 1])"
    return f"{where}.write_text({report!r}); sys.exit({code})"


def test_without_known_vulnerabilities_the_audit_passes(tmp_path: Path) -> None:
    done = audit(tmp_path, reporting(FINE, UNKNOWN, code=0))
    assert done.returncode == 0
    assert done.stdout == "audit: 0 known vulnerabilities in 1 packages, 1 could not be asked\n"


def test_a_known_vulnerability_fails_and_names_the_fixed_version(tmp_path: Path) -> None:
    done = audit(tmp_path, reporting(FINE, BAD, code=1))
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "example 1.0: PYSEC-2026-1, fixed in 1.1",
        "audit: 1 known vulnerabilities in 2 packages",
    ]


@pytest.mark.parametrize(
    "script", ["sys.exit('ERROR: Connection refused')", "sys.exit(1)", "sys.exit(0)"]
)
def test_an_unavailable_advisory_service_is_reported_and_passes(
    tmp_path: Path, script: str
) -> None:
    done = audit(tmp_path, script)
    assert done.returncode == 0
    assert "NOT DONE" in done.stdout


def test_a_missing_pip_audit_is_reported_and_passes() -> None:
    done = subprocess.run(
        [sys.executable, ".ci/audit"],
        cwd=settings.BASE_DIR,
        env={**os.environ, "PIP_AUDIT": "/nowhere/pip-audit"},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, "NOT DONE" in done.stdout) == (0, True)


def test_ci_runs_the_audit() -> None:
    run = (Path(settings.BASE_DIR) / ".ci" / "run").read_text()
    assert [line for line in run.splitlines() if line.startswith("make ") and "audit" in line]
