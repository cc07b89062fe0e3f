"""The numbers that are still over a budget, in ceilings.toml; they may only fall."""

import json
import tomllib
from pathlib import Path

FILE = Path(__file__).with_name("ceilings.toml")
HEADING = """\
# What is over its budget today (see measures.py); everything else keeps the budget itself. A test
# fails when a number grows, and when it fell and stands here unlowered. To lower what fell:
#   PYTHONPATH=platform .venv/bin/python -m tests.budgets
"""

Ceilings = dict[str, dict[str, int]]


def read_ceilings() -> Ceilings:
    """Read the file: measure → name → number."""
    return tomllib.loads(FILE.read_text())


def lowered(ceilings: Ceilings, measured: Ceilings) -> Ceilings:
    """Return the ceilings with what fell lowered; no number rises and none is added."""
    return {
        measure: {
            name: min(ceiling, measured[measure][name])
            for name, ceiling in numbers.items()
            if name in measured[measure]
        }
        for measure, numbers in ceilings.items()
    }


def write_ceilings(ceilings: Ceilings) -> None:
    """Write the file, sorted by name."""
    lines = [HEADING]
    for measure, numbers in ceilings.items():
        lines.append(f"[{measure}]\n")
        # A JSON string of these names is a TOML string as well.
        quoted = ((json.dumps(name, ensure_ascii=False), numbers[name]) for name in sorted(numbers))
        lines.extend(f"{name} = {number}\n" for name, number in quoted)
        lines.append("\n")
    FILE.write_text("".join(lines).rstrip("\n") + "\n")
