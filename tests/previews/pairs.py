"""Few combinations of many settings, among which each two values that may meet do meet."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations, product

Combination = Mapping[str, str]
Pair = frozenset[tuple[str, str]]


def allowed_combinations(
    values: Mapping[str, Sequence[str]], allowed: Callable[[Combination], bool]
) -> list[Combination]:
    """Return every combination of one value of each setting that is allowed."""
    every = (dict(zip(values, chosen, strict=True)) for chosen in product(*values.values()))
    return [combination for combination in every if allowed(combination)]


def pairs_of(combination: Combination) -> set[Pair]:
    """Return each two values that meet in a combination."""
    return {frozenset(pair) for pair in combinations(combination.items(), 2)}


def covering(candidates: Sequence[Combination]) -> Iterator[Combination]:
    """Yield combinations until every pair of the candidates is covered, each time the one that covers most."""
    missing = set().union(*map(pairs_of, candidates))
    while missing:
        best = max(candidates, key=lambda combination: len(pairs_of(combination) & missing))
        missing -= pairs_of(best)
        yield best
