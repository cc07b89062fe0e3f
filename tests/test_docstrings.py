"""What docstrings, comments and documents name in the code exists: a rename must reach them."""

import ast
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from core.sections import SECTIONS
from tests.budgets.product import PLATFORM, ROOT, FunctionNode, product_files, syntax_tree
from tests.test_documents import CURRENT

PACKAGES = {*SECTIONS, *(path.name for path in PLATFORM.iterdir())}
# With two dots at least: `market.symbol` is a model, `alerts.E001` a check.
DOTTED = re.compile(r"`([a-z_]+(?:\.\w+){2,})(?:\([^`]*\))?`")
NAMED_FILE = re.compile(r"(?<![\w/])[\w-]+(?:/[\w-]+)+\.py\b")
FOREIGN = ("daphne/",)


@cache
def words_of(path: Path) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", path.read_text()))


def module_file(parts: list[str]) -> Path | None:
    """Return the file of the module, or of the package."""
    for root in (ROOT, PLATFORM):
        path = root.joinpath(*parts)
        for candidate in (path.with_suffix(".py"), path / "__init__.py"):
            if candidate.exists():
                return candidate
    return None


def is_known(name: str) -> bool:
    """Check whether the dotted name is a module, or the next part a word in its file."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        path = module_file(parts[:length])
        if path is not None:
            return length == len(parts) or parts[length] in words_of(path)
    return False


def texts_of(path: Path) -> Iterator[str]:
    """Yield docstrings and comments."""
    for node in ast.walk(syntax_tree(path)):
        if isinstance(node, FunctionNode | ast.ClassDef | ast.Module):
            yield ast.get_docstring(node) or ""
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type == tokenize.COMMENT:
                yield token.string


def unknown_names(text: str, folder: Path) -> Iterator[str]:
    for name in DOTTED.findall(text):
        if name.split(".")[0] in PACKAGES and not is_known(name):
            yield name
    for name in NAMED_FILE.findall(text):
        starts = (ROOT, PLATFORM, folder)
        if not name.startswith(FOREIGN) and not any((start / name).exists() for start in starts):
            yield name


@pytest.mark.parametrize(
    "package", [*sorted(PACKAGES & {p.name for p in ROOT.iterdir()}), "platform"]
)
def test_docstrings_and_comments_name_what_exists(package: str) -> None:
    files = [path for path in product_files() if path.is_relative_to(ROOT / package)]
    unknown = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in files
        for text in texts_of(path)
        for name in unknown_names(text, path.parent)
    }
    assert files
    assert unknown == set()


@pytest.mark.parametrize("document", CURRENT, ids=lambda path: path.name)
def test_documents_name_what_exists(document: Path) -> None:
    assert list(unknown_names(document.read_text(), document.parent)) == []
