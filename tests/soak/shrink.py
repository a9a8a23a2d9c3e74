"""The smallest list of a run's faults with which it still breaks a promise."""

from collections.abc import Callable, Sequence


def shrunk(faults: Sequence[str], fails: Callable[[Sequence[str]], bool]) -> list[str]:
    """Return the faults that are left when no single one can be dropped without the failure ending."""
    kept = list(faults)
    for fault in faults:
        fewer = [each for each in kept if each != fault]
        if fails(fewer):
            kept = fewer
    return kept
