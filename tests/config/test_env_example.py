"""`.env.example` names every variable that the settings read, with its default."""

import ast
import os
import re
from itertools import pairwise
from pathlib import Path

from tests import forked

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / ".env.example"
LINE = re.compile(r"^#([A-Z_]+)=(.*)$", re.MULTILINE)
READERS = {
    *("read_choice", "read_int", "str", "list", "bool", "int", "float", "url", "dict", "json"),
}


def variables_read() -> set[str]:
    """First words of all calls in settings.py that read the environment."""
    tree = ast.parse((ROOT / "platform" / "config" / "settings.py").read_text())
    found = set()
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        name = call.func.id if isinstance(call.func, ast.Name) else name
        first = call.args[0] if call.args else None
        if name in READERS and isinstance(first, ast.Constant) and isinstance(first.value, str):
            found.add(first.value)
    return {name for name in found if name.isupper()}


def test_the_example_names_exactly_the_variables_of_the_settings() -> None:
    assert dict(LINE.findall(EXAMPLE.read_text())).keys() == variables_read()


def test_every_variable_has_a_comment_before_it() -> None:
    lines = EXAMPLE.read_text().splitlines()
    for before, line in pairwise(lines):
        assert not LINE.match(line) or before.startswith("# ")


SHOW = """
from config import settings
for name, value in vars(settings).items():
    if name.isupper() and isinstance(value, (str, int, list)):
        print(name, repr(value))
print(settings.DATABASES)
"""


def test_the_examples_defaults_equal_the_settings(tmp_path: Path) -> None:
    bare = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "platform")}
    example = dict(LINE.findall(EXAMPLE.read_text()))

    def settings(env: dict[str, str]) -> str:
        done = forked.run(["-c", SHOW], env)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert settings({**bare, **example}) == settings(bare)
