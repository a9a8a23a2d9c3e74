"""Pairwise testing: few combinations of many settings that cover each pair of values that may be combined."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations, product
from random import Random

Combination = Mapping[str, str]
Pair = frozenset[tuple[str, str]]

# The number of combinations depends on the order of the candidates; more tries rarely find fewer.
TRIES = 50


def allowed_combinations(
    values: Mapping[str, Sequence[str]], allowed: Callable[[Combination], bool]
) -> list[Combination]:
    """Return every allowed combination of one value for each setting."""
    every = (dict(zip(values, chosen, strict=True)) for chosen in product(*values.values()))
    return [combination for combination in every if allowed(combination)]


def pairs_of(combination: Combination) -> set[Pair]:
    """Return the pairs of values in a combination."""
    return {frozenset(pair) for pair in combinations(combination.items(), 2)}


def covering(candidates: Sequence[Combination]) -> list[Combination]:
    """Return the smallest set of combinations of several tries that covers every pair; it is deterministic."""
    order = Random(0)  # noqa: S311 - nothing secret
    shuffled = (order.sample(candidates, len(candidates)) for _ in range(TRIES))
    return min((list(_greedy(tried)) for tried in shuffled), key=len)


def _greedy(candidates: Sequence[Combination]) -> Iterator[Combination]:
    """Yield, repeatedly, the first candidate that covers the most missing pairs."""
    pairs = [pairs_of(combination) for combination in candidates]
    missing = set().union(*pairs)
    while missing:
        best = max(range(len(candidates)), key=lambda index: len(pairs[index] & missing))
        missing -= pairs[best]
        yield candidates[best]
