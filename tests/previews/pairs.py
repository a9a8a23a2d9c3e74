"""Few combinations of many settings, among which each two values that may meet do meet."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations, product
from random import Random

Combination = Mapping[str, str]
Pair = frozenset[tuple[str, str]]

# The order of the candidates decides how many are taken, and more tries hardly find fewer.
TRIES = 50


def allowed_combinations(
    values: Mapping[str, Sequence[str]], allowed: Callable[[Combination], bool]
) -> list[Combination]:
    """Return every combination of one value of each setting that is allowed."""
    every = (dict(zip(values, chosen, strict=True)) for chosen in product(*values.values()))
    return [combination for combination in every if allowed(combination)]


def pairs_of(combination: Combination) -> set[Pair]:
    """Return each two values that meet in a combination."""
    return {frozenset(pair) for pair in combinations(combination.items(), 2)}


def covering(candidates: Sequence[Combination]) -> list[Combination]:
    """Return combinations that cover every pair of the candidates: the fewest of some tries, always the same."""
    order = Random(0)  # noqa: S311 - nothing secret
    shuffled = (order.sample(candidates, len(candidates)) for _ in range(TRIES))
    return min((list(_greedy(tried)) for tried in shuffled), key=len)


def _greedy(candidates: Sequence[Combination]) -> Iterator[Combination]:
    """Yield each time the first of those that cover most of what is missing."""
    pairs = [pairs_of(combination) for combination in candidates]
    missing = set().union(*pairs)
    while missing:
        best = max(range(len(candidates)), key=lambda index: len(pairs[index] & missing))
        missing -= pairs[best]
        yield candidates[best]
