from hypothesis import given
from hypothesis import strategies as st

from tests.previews.pairs import allowed_combinations, covering, pairs_of

VALUES = st.dictionaries(
    st.sampled_from("abcd"), st.lists(st.sampled_from("123"), min_size=1, unique=True), min_size=1
)


@given(VALUES, st.sampled_from("123"))
def test_every_pair_that_may_meet_meets_and_no_other(values: dict[str, list[str]], forbidden: str) -> None:
    candidates = allowed_combinations(
        values, lambda combination: list(combination.values()).count(forbidden) < 2
    )
    chosen = covering(candidates)
    assert all(combination in candidates for combination in chosen)
    assert set().union(*map(pairs_of, chosen)) == set().union(*map(pairs_of, candidates))


def test_a_covering_set_is_far_smaller_than_all_combinations() -> None:
    candidates = allowed_combinations({name: ["0", "1"] for name in "abcdefgh"}, lambda _: True)
    assert len(candidates) == 256
    assert len(covering(candidates)) <= 10
