"""docs/operations.md names only existing services, commands, options, variables and files."""

import re
import shlex

import pytest
from django.core.management import get_commands, load_command_class

from market.enums import Refusal
from tests.config.test_env_example import EXAMPLE, LINE
from tests.deployment import compose
from tests.deployment.compose import DOCKER
from tests.runtime.process_helpers import ROOT

TEXT = (ROOT / "docs" / "operations.md").read_text()
LINES = [
    line
    for block in re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)
    for line in block.splitlines()
    if line.strip()
]
SHORT = [words.replace("dc ", "docker compose ") for words in re.findall(r"`(dc [^`]+)`", TEXT)]
MANAGE = re.findall(r"`manage\.py ([^`]+)`", TEXT)
WITH_VALUE = {"--file", "--scale", "--tag"}
SERVICES = compose.services()


def words_of(line: str) -> tuple[list[str], list[str]]:
    """Return the words of a compose command without options, and the values of its options."""
    plain, values = [], []
    words = iter(shlex.split(line)[2:])
    for word in words:
        if word in WITH_VALUE:
            values.append(next(words))
        elif word.startswith("--") and "python" not in plain:
            continue
        else:
            plain.append(word)
    return plain, values


@pytest.mark.parametrize("line", [*LINES, *SHORT])
def test_every_command_names_what_exists(line: str) -> None:
    if not line.startswith("docker compose"):
        program = line.split(maxsplit=1)[0]
        assert program in ("echo", "install") or (ROOT / program).is_file()
        return
    (verb, *words), values = words_of(line)
    assert verb in ("up", "run", "stop", "build", "ps")
    for value in values:
        assert (ROOT / value).is_file() or value.split("=")[0] in SERVICES
    if "python" in words:
        assert words[-1] == "manage.py" or accepted(
            shlex.join(words[words.index("manage.py") + 1 :])
        )
        words = words[: words.index("python")]
    assert set(words) <= set(SERVICES)
    if verb == "run":
        assert SERVICES[words[0]].is_ours


@pytest.mark.parametrize("words", MANAGE)
def test_every_management_command_accepts_the_documented_arguments(words: str) -> None:
    assert accepted(words)


def accepted(line: str) -> bool:
    name, *words = shlex.split(line)
    command = load_command_class(get_commands()[name], name)
    known = {option for action in command.create_parser("", name)._actions
             for option in action.option_strings}  # fmt: skip
    return {word for word in words if word.startswith("--")} <= known


def test_every_variable_is_one_of_the_settings_or_of_compose() -> None:
    named = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)`", TEXT)) - {"NAME_FILE"}
    asked = {found[0] for found in compose.PLACEHOLDER.findall(compose.COMPOSE.read_text())}
    codes = {name for name in named if name.startswith("RET_") or name in Refusal}
    assert named - codes <= set(dict(LINE.findall(EXAMPLE.read_text()))) | asked
    for path in re.findall(r"\]\(([^)]+)\)", TEXT):
        assert (ROOT / "docs" / path).exists()


def test_the_document_says_how_other_builders_keep_the_health_check() -> None:
    assert "HEALTHCHECK" in dict(compose.instructions())
    assert "`--format docker`" in TEXT


def test_every_process_has_a_row_in_the_tables() -> None:
    running = {
        name for name, service in SERVICES.items() if service.is_ours and service.is_permanent
    }
    for name in running:
        assert f"\n| {name} |" in TEXT
        grace = SERVICES[name].grace
        if grace > 20:
            assert f"({grace} s)" in TEXT
    assert (DOCKER / "prometheus.yml").is_file()
