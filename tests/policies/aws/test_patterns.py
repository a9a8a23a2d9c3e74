import re

from hypothesis import given
from hypothesis import strategies as st

from guardrails.aws.patterns import matches, matches_arn


@given(pattern=st.text("ab*?.", max_size=8), text=st.text("ab.\n", max_size=10))
def test_a_pattern_matches_as_its_regular_expression(pattern: str, text: str) -> None:
    wildcards = {"*": ".*", "?": "."}
    expression = "".join(wildcards.get(char) or re.escape(char) for char in pattern)
    assert matches(pattern, text) == (re.fullmatch(expression, text, re.DOTALL) is not None)


def test_a_hostile_pattern_is_matched_without_backtracking() -> None:
    """A regular expression would need more steps than there are atoms."""
    pattern = "a*" * 2_000 + "b"
    assert not matches(pattern, "a" * 20_000)
    assert matches(pattern, "a" * 20_000 + "b")
    assert not matches("?*" * 2_000 + "b", "a" * 20_000)
    assert not matches_arn(f"arn:aws:s3:::{pattern}", "arn:aws:s3:::" + "a" * 20_000)
