"""Print the measured coverage by package: the end of `make coverage`."""

import sys
from collections.abc import Iterator
from pathlib import Path

import coverage

ROOT = Path(__file__).resolve().parent.parent.parent


def package_of(file: Path) -> str:
    """Return the package that a file of the product belongs to."""
    parts = file.relative_to(ROOT).parts
    return parts[1] if parts[0] == "platform" else parts[0]


def count_lines() -> dict[str, tuple[int, int]]:
    """Count the statements and the missed ones of each package."""
    measured = coverage.Coverage()
    measured.load()
    counts: dict[str, tuple[int, int]] = {}
    for name in measured.get_data().measured_files():
        _, statements, _, missing, _ = measured.analysis2(name)
        package = package_of(Path(name))
        known, missed = counts.get(package, (0, 0))
        counts[package] = (known + len(statements), missed + len(missing))
    return counts


def table_lines(counts: dict[str, tuple[int, int]]) -> Iterator[str]:
    """Yield the lines of the table, the total last."""
    total = sum(lines for lines, _ in counts.values()), sum(missed for _, missed in counts.values())
    yield f"{'package':<16} {'lines':>6} {'missed':>6} covered"
    for name, (lines, missed) in [*sorted(counts.items()), ("all", total)]:
        yield f"{name:<16} {lines:>6} {missed:>6} {100 * (lines - missed) / max(lines, 1):>6.1f} %"


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in table_lines(count_lines()))
