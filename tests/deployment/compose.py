"""docker/compose.yml and docker/Dockerfile, parsed for tests."""

import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.runtime.process_helpers import ROOT

DOCKER = ROOT / "docker"
COMPOSE = DOCKER / "compose.yml"
DOCKERFILE = DOCKER / "Dockerfile"
PLACEHOLDER = re.compile(r"\$(?:\$|\{([A-Z_]+)(?::([-?])([^}]*))?\})")
UNITS = {"s": 1, "m": 60}


def interpolate(text: str, variables: dict[str, str]) -> str:
    """Replace variables as compose does: `${A}`, `${A:-default}`, `${A:?message}`, `$$`."""

    def value(found: re.Match[str]) -> str:
        name, kind, words = found.groups()
        if name is None:
            return "$"
        if name in variables:
            return variables[name]
        assert kind == "-", f"{name}: {words}"
        return words

    return PLACEHOLDER.sub(value, text)


@dataclass(frozen=True)
class Service:
    """One service, with everything that the aliases of the file add."""

    name: str
    raw: dict[str, Any]

    @property
    def is_ours(self) -> bool:
        """Return whether it runs the project's own image."""
        return "build" in self.raw

    @property
    def command(self) -> list[str]:
        words: list[str] = self.raw["command"]
        return words

    @property
    def environment(self) -> dict[str, str]:
        return {name: str(value) for name, value in self.raw.get("environment", {}).items()}

    @property
    def replicas(self) -> int:
        return int(self.raw["deploy"].get("replicas", 1))

    @property
    def is_permanent(self) -> bool:
        """Return whether it keeps running, where jobs end by themselves."""
        return bool(self.raw["restart"] == "unless-stopped")

    @property
    def grace(self) -> int:
        """Return the seconds from the stop signal to the kill."""
        text = self.raw["stop_grace_period"]
        return int(text[:-1]) * UNITS[text[-1]]

    @property
    def health_command(self) -> list[str]:
        """Return the command of its health check, or of the image's."""
        own = self.raw.get("healthcheck", {}).get("test")
        return list(own[1:]) if own else image_health()


def load_document(**variables: str) -> dict[str, Any]:
    """Return the whole file, with these variables in place of `docker/.env`."""
    text = interpolate(COMPOSE.read_text(), {"ALLOWED_HOSTS": "localhost", **variables})
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def services(**variables: str) -> dict[str, Service]:
    found = load_document(**variables)["services"]
    return {name: Service(name, raw) for name, raw in found.items()}


def instructions() -> list[tuple[str, str]]:
    """Return instruction and words of each line of the Dockerfile, continued lines joined."""
    text = re.sub(r"^\s*#.*\n", "", DOCKERFILE.read_text(), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", " ", text).splitlines()
    parts = (line.partition(" ") for line in lines if line.strip())
    return [(name, words.strip()) for name, _, words in parts]


def image_health() -> list[str]:
    (words,) = [words for name, words in instructions() if name == "HEALTHCHECK"]
    command: list[str] = json.loads(words.partition("CMD ")[2])
    return command


def copies() -> list[tuple[list[str], str]]:
    """Return sources in the project and the target of each COPY that takes from it."""
    found = [shlex.split(words) for name, words in instructions() if name == "COPY"]
    own = [words for words in found if not words[0].startswith("--from=")]
    return [(words[:-1], words[-1]) for words in own]


def image_environment() -> dict[str, str]:
    """Return ENV of the last stage."""
    lines = instructions()
    last = max(i for i, (name, _) in enumerate(lines) if name == "FROM")
    words = " ".join(words for name, words in lines[last:] if name == "ENV")
    return dict(pair.split("=", 1) for pair in shlex.split(words))


def files_of(folder: Path) -> set[Path]:
    return {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
