"""A worker that is killed between random statements.

Start it by `python -m tests.alerts.evaluation.killed_worker`.

Arguments: a seed, and a file whose appearance ends it. Each life is a process of its own, killed by
SIGKILL before or after a random one of its statements, the commit being after the last of them.
"""

import os
import random
import signal
import sys
from pathlib import Path
from typing import Any

import django

LONGEST = 40  # statements of one life


def main(seed: str, end: Path) -> None:
    """Restart the worker until the end file appears."""
    django.setup()
    dice = random.Random(seed)
    while not end.exists():
        statement, after = dice.randint(1, LONGEST), dice.random() < 0.5
        child = os.fork()
        if child == 0:
            evaluate_until(statement, after)
        os.waitpid(child, 0)


def evaluate_until(statement: int, after: bool) -> None:
    """Evaluate until the fatal statement."""
    from django.db import connection

    from alerts.evaluation.evaluate import evaluate_new_batches

    left = statement

    def mortal(execute: Any, *args: Any) -> Any:
        nonlocal left
        left -= 1
        if left == 0 and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = execute(*args)
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    with connection.execute_wrapper(mortal):
        while True:
            evaluate_new_batches()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
