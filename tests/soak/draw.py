"""The faults of each run of a soak, drawn by a seed: the same seed and number give the same faults."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

MOST_FAULTS = 3
# Half of the runs have a second start, a stop or a redo beside their faults.
_WITH_EVENT = 0.5


@dataclass(frozen=True)
class Drawn:
    """The faults of one run, by name."""

    seed: int
    number: int
    faults: tuple[str, ...]

    def random(self, fault: str) -> random.Random:
        """Return the generator for the details of a fault, which do not change when another fault is left out."""
        return random.Random(f"{self.seed}/{self.number}/{fault}")  # noqa: S311 - repeatable, not secret

    def only(self, faults: Sequence[str]) -> "Drawn":
        """Return the same run with some faults only."""
        return replace(self, faults=tuple(faults))

    @property
    def command(self) -> str:
        """The command that replays the run."""
        return f'make soak ARGS="--seed {self.seed} --run {self.number} --faults {",".join(self.faults) or "none"}"'


def drawn(seed: int, number: int, faults: Sequence[str], events: Sequence[str]) -> Drawn:
    """Return one to three faults of a run, and for half of the runs an event such as a second start."""
    draw = random.Random(f"{seed}/{number}")  # noqa: S311 - repeatable, not secret
    chosen = draw.sample(list(faults), draw.randint(1, MOST_FAULTS))
    if draw.random() < _WITH_EVENT:
        chosen.append(draw.choice(list(events)))
    return Drawn(seed, number, tuple(chosen))
