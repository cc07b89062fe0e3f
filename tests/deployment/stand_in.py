"""What `docker compose up` would start, without an engine: the same commands from the same file.

The image is a folder, filled by the COPY and RUN lines of the Dockerfile; each container is a
process with only the environment that compose and the image give it, forked from one that has
loaded libraries alone. Ports and the folders of volumes and secrets are replaced, nothing else.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import psycopg

from runtime.paths import configured_paths
from runtime.redis_server import find_binary
from tests import forked
from tests.deployment import compose
from tests.deployment.compose import DOCKER, Service
from tests.runtime.process_helpers import ROOT, free_port, wait_until

DATABASE = "deployment"
BIN = str(Path(sys.executable).parent)


class Container:
    """One running replica."""

    def __init__(self, platform: "StandIn", service: Service, number: int) -> None:
        self.service, self.platform = service, platform
        self.name = f"{service.name}-{number}"
        self.port = free_port()
        self.log = platform.folder / f"{self.name}.log"
        words = forked.words_of(self.fill_command(service.command))
        with self.log.open("wb") as log:
            self.process = forked.Process(
                words, platform.environment(service), (log, log), platform.app
            )

    def fill_command(self, command: list[str]) -> list[str]:
        """Return the command with this replica's port and folders."""
        found = [self.platform.fill_paths(word) for word in command]
        found[0] = shutil.which(found[0], path=BIN) or found[0]
        for whole in ("--host=0.0.0.0", "--bind=0.0.0.0"):
            found = [word.replace(whole, whole.replace("0.0.0.0", "127.0.0.1")) for word in found]
        found = [word.replace("--port=8000", f"--port={self.port}") for word in found]
        found = [word.replace("=/app/", f"={self.platform.app}/") for word in found]
        return [*found, str(self.port)] if found[-1] == "http" else found

    def is_healthy(self) -> bool:
        """Return what its health check says."""
        assert self.process.poll() is None, f"{self.name} ended:\n{self.log.read_text()[-3000:]}"
        words = forked.words_of(self.fill_command(self.service.health_command))
        environment = self.platform.environment(self.service)
        return forked.run(words, environment, folder=self.platform.app).returncode == 0

    def stop(self) -> float:
        """Send the stop signal; return the seconds it took, which must be below the grace."""
        began = time.monotonic()
        self.process.send_signal(signal.Signals[self.service.raw["stop_signal"]])
        self.process.wait(self.service.grace)
        return time.monotonic() - began

    def kill(self) -> None:
        """Kill all its processes, as when its machine is gone."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def has_logged(self, text: str) -> bool:
        return text in self.log.read_text()


class StandIn:
    """The platform in a folder, without containers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.app, self.secrets = folder / "app", folder / "docker" / "secrets"
        self.services = compose.services()
        self.containers: list[Container] = []
        for name in ("tmp", "var", "redis"):
            (folder / name).mkdir()
        self._write_secrets()
        self._start_redis()
        self._build()
        self.built = compose.files_of(self.app)

    def fill_paths(self, text: str) -> str:
        """Return the text with this platform's folders in place of a container's."""
        text = text.replace("/run/secrets/", f"{self.secrets}/")
        return text.replace("/var/lib/broker", str(self.folder / "var"))

    def environment(self, service: Service) -> dict[str, str]:
        """Return the image's and the service's environment, and no variable more.

        A slim image may have no time zone files, so none of the system's are found here either.
        """
        image = compose.image_environment() | {"PATH": f"{BIN}:{os.environ['PATH']}"}
        image["PYTHONTZPATH"] = ""
        image["PYTHONPATH"] = image["PYTHONPATH"].replace("/app", str(self.app))
        own = {name: self.fill_paths(value) for name, value in service.environment.items()}
        return {**image, **own, "LOCAL_DIR": str(self.folder / "tmp")}

    def run_job(self, service: str, *command: str, **variables: str) -> str:
        """Run a job to its end: the service's own command, or another in its place."""
        words = list(command) or self.services[service].command
        done = forked.run(
            forked.words_of([shutil.which(words[0], path=BIN) or words[0], *words[1:]]),
            {**self.environment(self.services[service]), **variables},
            timeout=120,
            folder=self.app,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def up(self) -> None:
        """Start every permanent service, and wait until all are healthy."""
        for service in self.services.values():
            if service.is_ours and service.is_permanent:
                for number in range(1, service.replicas + 1):
                    self.start(service.name, number)
        for container in self.containers:
            if container.service.name != "beat":  # it writes its file after three minutes
                wait_until(container.is_healthy, 90, every=0.5)

    def start(self, service: str, number: int) -> Container:
        container = Container(self, self.services[service], number)
        self.containers.append(container)
        return container

    def containers_of(self, service: str) -> list[Container]:
        return [c for c in self.containers if c.service.name == service]

    def end(self) -> None:
        """Stop whatever still runs."""
        for container in self.containers:
            container.kill()
        self.redis.kill()
        self.redis.wait()
        with self._server() as session:
            session.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)".encode())

    def _build(self) -> None:
        for sources, target in compose.copies():
            if not sources[0].startswith("/") and "requirements" not in sources[0]:
                self._copy(sources, self.app / target)
        run = [words for name, words in compose.instructions() if name == "RUN"]
        (collect,) = [words for words in run if "collectstatic" in words]
        environment = {"PATH": f"{BIN}:{os.environ['PATH']}"}
        environment["PYTHONPATH"] = f"{self.app / 'platform'}:{self.app}"
        subprocess.run(["sh", "-ec", collect], cwd=self.app, env=environment, check=True)

    def _copy(self, sources: list[str], target: Path) -> None:
        for source in sources:
            if (ROOT / source).is_dir():
                ignored = shutil.ignore_patterns("__pycache__")
                shutil.copytree(ROOT / source, target, ignore=ignored)
            else:
                target.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / source, target)

    def _write_secrets(self) -> None:
        docker = self.folder / "docker"
        docker.mkdir()
        shutil.copy(DOCKER / "secrets.sh", docker)
        subprocess.run([docker / "secrets.sh"], check=True)
        self.redis_port = free_port()
        host = quote(str(configured_paths().sockets), safe="")
        self._replace("database_url", f"postgresql://broker@{host}:5432/{DATABASE}")
        url = (self.secrets / "redis_url").read_text()
        self._replace("redis_url", url.replace("redis:6379", f"127.0.0.1:{self.redis_port}"))
        with self._server() as session:
            session.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)".encode())
            session.execute(f"CREATE DATABASE {DATABASE}".encode())

    def _replace(self, name: str, content: str) -> None:
        (self.secrets / name).unlink()
        (self.secrets / name).write_text(content)

    def _start_redis(self) -> None:
        text = self.fill_paths((DOCKER / "redis.conf").read_text())
        assert "\ndir /data\n" in text
        text = text.replace("\ndir /data\n", f"\ndir {self.folder / 'redis'}\n")
        (self.folder / "redis.conf").write_text(text.replace("bind * -::*", "bind 127.0.0.1"))
        words = [find_binary(), str(self.folder / "redis.conf"), "--port", str(self.redis_port)]
        with (self.folder / "redis.log").open("w") as log:
            self.redis = subprocess.Popen(words, stdout=log, stderr=log, start_new_session=True)

    def _server(self) -> "psycopg.Connection[tuple[object, ...]]":
        host = str(configured_paths().sockets)
        return psycopg.connect(host=host, user="broker", dbname="postgres", autocommit=True)
