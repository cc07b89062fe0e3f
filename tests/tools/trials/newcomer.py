"""A newcomer's first minutes: `make run`, README's tour, Ctrl-C, `make test`, on a bare machine.

Run by `make newcomer`. The work tree is copied into a new folder; the environment has HOME, PATH
and what pip needs to reach its registry, the PATH only Python and the system's own programs.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.runtime.process_helpers import ROOT, free_port, wait_until

READY_WITHIN = 300.0  # seconds, with the installation
PASSED_ON = re.compile(r"^(PIP_\w+|\w+_PROXY|\w+_proxy|SSL_CERT_\w+)$")
PART = "tests/core"  # of the tests: what matters here is that they start


def copy_tree(folder: Path) -> Path:
    """Copy what a clone would have, and what is not committed yet."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    clone = folder / "clone"
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, clone / name)
    return clone


def bare_environment(folder: Path) -> dict[str, str]:
    """Return an environment with an empty HOME, where `python3` is this one's base."""
    for name in ("home", "bin"):
        (folder / name).mkdir()
    base = Path(sys.base_prefix, "bin", f"python3.{sys.version_info.minor}")
    (folder / "bin" / "python3").symlink_to(base)
    kept = {name: value for name, value in os.environ.items() if PASSED_ON.match(name)}
    path = f"{folder / 'bin'}:/usr/local/bin:/usr/bin:/bin"
    return {**kept, "HOME": str(folder / "home"), "PATH": path}


def check_run(clone: Path, environment: dict[str, str]) -> None:
    """Run `make run` until it is ready, then the tour, then Ctrl-C."""
    port, screen = free_port(), clone.parent / "screen"
    with screen.open("w") as output:
        make = subprocess.Popen(
            ["make", "run"],
            cwd=clone,
            env={**environment, "PORT": str(port)},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    began, ready = time.monotonic(), f"ready: http://127.0.0.1:{port}/"
    try:
        wait_until(lambda: ready in screen.read_text() or make.poll() is not None, READY_WITHIN)
        assert ready in screen.read_text(), screen.read_text()[-3000:]
        say("make run, until it is ready", began)
        if shutil.which("curl"):
            tour(clone, {**environment, "BROKER": f"http://127.0.0.1:{port}"})
        began = time.monotonic()
        os.killpg(make.pid, signal.SIGINT)  # as the terminal does it
        code = make.wait(30)
        assert "all ended" in screen.read_text(), f"{code}: {screen.read_text()[-3000:]}"
        say("Ctrl-C", began)
    finally:
        if make.poll() is None:
            os.killpg(make.pid, signal.SIGKILL)


def tour(clone: Path, environment: dict[str, str]) -> None:
    blocks = re.findall(r"```sh\n(.*?)```", (clone / "README.md").read_text(), re.DOTALL)
    (lines,) = [block for block in blocks if "sign/in" in block]
    began = time.monotonic()
    words = ["bash", "-euo", "pipefail", "-c", lines]
    subprocess.run(words, env=environment, check=True, stdout=subprocess.DEVNULL, timeout=60)
    say("the tour of README.md", began)


def test(clone: Path, environment: dict[str, str]) -> None:
    began = time.monotonic()
    words = ["make", "test", f"ARGS={PART} -q -p no:cacheprovider"]
    subprocess.run(words, cwd=clone, env=environment, check=True, timeout=READY_WITHIN)
    say(f"make test, of it {PART}", began)


def say(what: str, began: float) -> None:
    print(f"{what}: {time.monotonic() - began:.0f} s", flush=True)  # noqa: T201


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="newcomer-"))
    try:
        environment = bare_environment(folder)
        clone = copy_tree(folder)
        check_run(clone, environment)
        test(clone, environment)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
