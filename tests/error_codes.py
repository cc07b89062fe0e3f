"""Find every error class of the product, whether or not a test has imported its module."""

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from core.errors import BrokerError
from core.sections import SECTIONS

ROOT = Path(__file__).resolve().parent.parent
PLATFORM = ROOT / "platform"
NO_CLIENTS = {"tests", "backoffice"}  # a page answers for itself


def client_errors() -> list[type[BrokerError]]:
    """Import all modules that define errors; return the classes that a client may meet."""
    for name in modules_with_codes():
        import_module(name)
    return [e for e in narrower(BrokerError) if e.__module__.partition(".")[0] not in NO_CLIENTS]


def narrower(kind: type[BrokerError]) -> Iterator[type[BrokerError]]:
    """Yield the class and all its subclasses."""
    yield kind
    for each in kind.__subclasses__():
        yield from narrower(each)


def modules_with_codes() -> Iterator[str]:
    """Yield the dotted names of the modules with a class that has a `code` of its own."""
    for base in (PLATFORM, *(ROOT / section for section in SECTIONS)):
        start = base if base == PLATFORM else ROOT
        for path in sorted(base.rglob("*.py")):
            if "migrations" in path.parts or "code = " not in (text := path.read_text()):
                continue
            classes = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ClassDef))
            if any(has_code(node) for node in classes):
                yield ".".join(path.relative_to(start).with_suffix("").parts)


def has_code(node: ast.ClassDef) -> bool:
    names = [
        target.id
        for line in node.body
        if isinstance(line, ast.Assign)
        for target in line.targets
        if isinstance(target, ast.Name)
    ]
    return "code" in names
