"""The layout of the repository: where files lie, and which imports are allowed."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.sections import SECTIONS
from tests.budgets.product import PLATFORM, ROOT, product_files, sources, syntax_tree

ROOMS = tuple(sorted(folder.name for folder in PLATFORM.iterdir() if folder.is_dir()))
FOUNDATION = {
    "core",
    "api",
    "audit",
    "observe",
    "realtime",
    "backoffice",
    "staff_auth",
    "runtime",
    "pictures",
}
MAY_USE: dict[str, set[str]] = {
    "accounts": set(),
    "market": {"accounts"},
    "trading": {"accounts", "market"},
    "alerts": {"accounts", "market"},
    "scripts": {"accounts"},
    "settings_app": {"accounts"},
}
LONGEST_FILE, LONGEST_FUNCTION = 300, 40  # lines


def running_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes below `tree`, but for what only type checkers read."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            yield from running_nodes(ast.Module(node.orelse, []))
        else:
            yield node
            yield from running_nodes(node)


def imported_names(path: Path) -> set[str]:
    """Return the dotted names of all imports of the file, inside functions as well."""
    names: set[str] = set()
    for node in running_nodes(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            names.add(node.module or "")
    return names


def forbidden_imports(folder: Path, allowed: set[str]) -> list[str]:
    """Return imports of the project's own packages that are not allowed in `folder`."""
    own = {*ROOMS, *SECTIONS, "tests"} - allowed - {folder.name}
    return [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sources(folder)
        for name in sorted(imported_names(path))
        if name.partition(".")[0] in own
    ]


def test_platform_is_a_folder_and_never_a_package() -> None:
    assert [path.name for path in PLATFORM.glob("*.py")] == []


def test_import_platform_finds_the_standard_library() -> None:
    result = subprocess.run(
        [sys.executable, "-c", "import platform; print(platform.python_version())"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(PLATFORM)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.strip() == ".".join(map(str, sys.version_info[:3]))


def test_no_package_has_the_name_of_a_standard_module() -> None:
    assert {*ROOMS, *SECTIONS} & sys.stdlib_module_names == set()


def test_every_section_has_an_import_rule() -> None:
    assert set(MAY_USE) == set(SECTIONS)


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_imports_only_the_platform_and_allowed_sections(section: str) -> None:
    assert forbidden_imports(ROOT / section, FOUNDATION | MAY_USE[section]) == []


def test_core_imports_no_other_package() -> None:
    assert forbidden_imports(PLATFORM / "core", set()) == []


@pytest.mark.parametrize("room", sorted(set(ROOMS) - {"core", "config"}))
def test_the_platform_imports_no_section(room: str) -> None:
    assert forbidden_imports(PLATFORM / room, FOUNDATION) == []


def test_config_imports_no_section() -> None:
    assert forbidden_imports(PLATFORM / "config", FOUNDATION) == []


def test_no_file_is_too_long() -> None:
    files = [*product_files(), *sources(ROOT / "tests")]
    too_long = [str(path) for path in files if path.read_text().count("\n") > LONGEST_FILE]
    assert too_long == []


def test_no_function_is_too_long() -> None:
    too_long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in product_files()
        for node in ast.walk(syntax_tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > LONGEST_FUNCTION
    ]
    assert too_long == []


def test_every_folder_of_tests_is_a_package() -> None:
    folders = {path.parent for path in (ROOT / "tests").rglob("*.py")}
    assert [folder for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []
