"""What became of an attempt."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """`words` are for people; the seconds of `wait` are what the receiver asks for.

    `gone`: it wants nothing any more. `hopeless`: no further attempt can change it. `ours`: it says
    nothing about the address, as the fault is on our side.
    """

    delivered: bool
    words: str
    wait: int = 0
    gone: bool = False
    hopeless: bool = False
    ours: bool = False


def failed(words: str, *, ours: bool = False) -> Outcome:
    """To be tried again."""
    return Outcome(delivered=False, words=words[:200], ours=ours)
