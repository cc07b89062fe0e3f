"""The words that docs/glossary.md bans, and where the product still says them.

In the last column of a glossary's table `told` bans the word in every name of a function, class,
parameter, variable, attribute or file and as a docstring's first word; `Look` bans a class of just
that name, `beside()` a function, `by=` a variable or parameter.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator

from tests.budgets.product import ROOT, FunctionNode, naming_nodes, product_files

GLOSSARY = ROOT / "docs" / "glossary.md"
ROW = re.compile(r"^\| (?P<term>[^|]+) \| (?P<meaning>[^|]+) \| (?P<banned>[^|]*)\|$", re.MULTILINE)
HEADINGS = {"term", "---"}
BANNED = re.compile(r"`(\w+(?:\(\)|=)?)`")
MARKS = {"class": "", "function": "()", "variable": "="}
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def glossary_rows() -> list[tuple[str, str, str]]:
    """Return the rows of the glossary's tables: term, meaning, what not to say."""
    rows = [row.groups() for row in ROW.finditer(GLOSSARY.read_text())]
    return [
        (term, meaning, banned) for term, meaning, banned in rows if term.strip() not in HEADINGS
    ]


def banned_words() -> list[str]:
    """Return what the glossary bans, as written there: `word`, `Class`, `function()`, `name=`."""
    return [word for _, _, banned in glossary_rows() for word in BANNED.findall(banned)]


def banned_word_counts() -> dict[str, int]:
    """Count each banned word in the product: names by file, docstrings one by one."""
    counts = Counter[str]()
    for name in definitions():
        counts.update(name)
    counts.update(first_words())
    return {word: counts[word] for word in banned_words() if counts[word]}


def definitions() -> Iterator[set[str]]:
    """Yield the words of each name that a file defines, each name once a file."""
    yield from (words_of(path.stem) for path in product_files())
    named = {(path, *name) for path, node in naming_nodes() for name in names_defined(node)}
    for _, name, kind in named:
        yield words_of(name) | {name + MARKS[kind]}


def names_defined(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield what this node gives a name to, with the kind of it."""
    match node:
        case ast.ClassDef(name=name):
            yield name, "class"
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            yield name, "function"
        case ast.arg(arg=name) | ast.alias(asname=str(name)):
            yield name, "variable"
        case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
            yield name, "variable"


def words_of(name: str) -> set[str]:
    """Split snake_case and CamelCase; the words are returned in lower case."""
    return {word.lower() for word in WORD.findall(name)}


def first_words() -> Iterator[str]:
    """Yield the first word of every docstring, in lower case."""
    for _, node in naming_nodes():
        if isinstance(node, FunctionNode | ast.ClassDef | ast.Module):
            docstring = ast.get_docstring(node)
            if docstring and (word := WORD.search(docstring)):
                yield word.group().lower()
