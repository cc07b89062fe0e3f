"""The product's Python files, read and parsed once for all tests of the layout."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from core.sections import SECTIONS

ROOT = Path(__file__).resolve().parent.parent.parent
PLATFORM = ROOT / "platform"

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
NAMING = FunctionNode | ast.Module | ast.ClassDef | ast.arg | ast.alias | ast.Name | ast.Attribute


def sources(folder: Path) -> Iterator[Path]:
    """Yield the Python files below `folder` but for migrations, sorted."""
    return (path for path in sorted(folder.rglob("*.py")) if "migrations" not in path.parts)


@cache
def product_files() -> tuple[Path, ...]:
    """List what runs in production: the platform, the sections, manage.py and the image's files."""
    folders = [PLATFORM, *(ROOT / section for section in SECTIONS), ROOT / "docker"]
    return (ROOT / "manage.py", *(path for folder in folders for path in sources(folder)))


@cache
def syntax_tree(path: Path) -> ast.Module:
    """Parse the file."""
    return ast.parse(path.read_text())


@cache
def naming_nodes() -> tuple[tuple[Path, ast.AST], ...]:
    """List the nodes that give a name or hold a docstring, with their files."""
    return tuple(
        (path, node)
        for path in product_files()
        for node in ast.walk(syntax_tree(path))
        if isinstance(node, NAMING) and not isinstance(getattr(node, "ctx", None), ast.Load)
    )
