"""The glossary is parsed, and banned words are found wherever a name is given."""

import ast
from collections import Counter

from tests.budgets.vocabulary import banned_words, glossary_rows, names_defined, words_of


def test_every_term_has_its_meaning() -> None:
    rows = glossary_rows()
    assert len(rows) > 50
    assert [term for term, meaning, _ in rows if not meaning.strip()] == []


def test_no_term_or_ban_occurs_twice() -> None:
    counts = Counter([*banned_words(), *(term for term, _, _ in glossary_rows())])
    assert [word for word, count in counts.items() if count > 1] == []


def test_names_are_split_into_their_words() -> None:
    assert words_of("_resetSecondFactor") == {"reset", "second", "factor"}
    assert words_of("HTTPError_2") == {"http", "error", "2"}
    assert words_of("MOST_KEPT") == {"most", "kept"}


def test_names_are_found_in_every_kind_of_definition() -> None:
    code = """
import os as system
class Look: kept: int = 0
def told(said, *spelt, **whom):
    self.vain = 1
    for anew in said: pass
async def hear(): pass
"""
    found = {name for node in ast.walk(ast.parse(code)) for name in names_defined(node)}
    assert found == {
        ("Look", "class"),
        ("told", "function"),
        ("hear", "function"),
        *((name, "variable") for name in ("system", "kept", "said", "spelt", "whom", "vain")),
        ("anew", "variable"),
    }
