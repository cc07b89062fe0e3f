"""What the budgets measure. Each measure returns only what is over its budget, by name."""

import ast
import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

from tests.budgets.product import (
    PLATFORM,
    ROOT,
    FunctionNode,
    naming_nodes,
    product_files,
    syntax_tree,
)
from tests.budgets.vocabulary import banned_word_counts

FILES_PER_FOLDER = 20
ONE_WORD_NAMES, NOUN_DOCSTRINGS = 20, 10  # percent
# Names that every section or framework gives to the same thing.
SHARED_CLASS_NAMES = {"Meta", "Command", "Kind", "State"}
SHARED_FILE_NAMES = {
    *("__init__", "apps", "admin", "models", "querysets", "enums", "errors", "events", "services"),
    *("tasks", "signals", "urls", "views", "serializers", "pages", "actions", "panels", "demo"),
    *("live_tiles", "dashboard", "save_previews", "metrics", "gauges", "quotas", "checkpoints"),
    *("checks", "health", "navigation", "role_permissions"),
    "field_meanings",
}
NOT_IMPERATIVE = {
    *("The", "A", "An", "What", "Whether", "Of", "In", "It", "Its", "All", "Each", "Every", "Who"),
    *("Whose", "Which", "Where", "When", "How", "Up", "At", "By", "To", "For", "Those", "That"),
    *("This", "Into", "Nothing", "Nobody", "Only", "Not", "With", "Without", "As", "From", "On"),
}


def files_per_folder() -> dict[str, int]:
    counts = Counter(
        path.parent.relative_to(ROOT).as_posix()
        for path in product_files()
        if path.name != "__init__.py"
    )
    return {folder: count for folder, count in counts.items() if count > FILES_PER_FOLDER}


def class_names() -> dict[str, int]:
    """Count the files that define a class of the same name."""
    files = defaultdict(set)
    for path, node in naming_nodes():
        if isinstance(node, ast.ClassDef) and node.name not in SHARED_CLASS_NAMES:
            files[node.name].add(path)
    return {name: len(paths) for name, paths in files.items() if len(paths) > 1}


def file_names() -> dict[str, int]:
    counts = Counter(path.stem for path in product_files())
    return {
        name: count for name, count in counts.items() if count > 1 and name not in SHARED_FILE_NAMES
    }


def names_and_docstrings() -> dict[str, int]:
    """Return the percentages that are over their budget, rounded up to whole ones."""
    functions = [
        node.name
        for path in product_files()
        for node in syntax_tree(path).body
        if isinstance(node, FunctionNode) and not node.name.startswith("_")
    ]
    docstrings = [
        docstring
        for _, node in naming_nodes()
        if isinstance(node, FunctionNode) and (docstring := ast.get_docstring(node))
    ]
    one_word = percentage(sum("_" not in name for name in functions), len(functions))
    nouns = sum(docstring.split()[0] in NOT_IMPERATIVE for docstring in docstrings)
    percentages = {
        "public functions with a name of one word": (one_word, ONE_WORD_NAMES),
        "docstrings that begin with no verb": (percentage(nouns, len(docstrings)), NOUN_DOCSTRINGS),
    }
    return {name: value for name, (value, budget) in percentages.items() if value > budget}


def percentage(part: int, whole: int) -> int:
    """Return the share in percent, rounded up."""
    return -(-100 * part // whole)


def ignored_imports() -> dict[str, int]:
    """Count the imports that import-linter's contracts let pass."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    counts = {
        contract["id"]: len(contract.get("ignore_imports", []))
        for contract in settings["contracts"]
    }
    return {contract: count for contract, count in counts.items() if count}


def any_lines() -> dict[str, int]:
    """Count the lines that name `Any`, imports included, by package; none is within the budget."""
    lines = {
        (path, node.lineno)
        for path in product_files()
        for node in ast.walk(syntax_tree(path))
        if isinstance(node, ast.Name | ast.alias | ast.Constant) and names_any(node)
    }
    return dict(Counter(package_of(path) for path, _ in lines))


def names_any(node: ast.Name | ast.alias | ast.Constant) -> bool:
    """Return whether the node is `Any`, its import, or a quoted annotation with it."""
    if isinstance(node, ast.Constant):
        return re.search(r"\[(.*\W)?Any\b", str(node.value)) is not None
    return (node.id if isinstance(node, ast.Name) else node.name) == "Any"


def package_of(path: Path) -> str:
    """Return the section or the package of the platform that the file belongs to."""
    parts = path.relative_to(ROOT).parts
    return parts[1] if parts[0] == PLATFORM.name else parts[0]


MEASURES: dict[str, Callable[[], dict[str, int]]] = {
    "files_per_folder": files_per_folder,
    "class_names": class_names,
    "file_names": file_names,
    "percentages": names_and_docstrings,
    "ignored_imports": ignored_imports,
    "banned_words": banned_word_counts,
    "any_lines": any_lines,
}
