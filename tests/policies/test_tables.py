from guardrails.tables import aligned, piped

ROWS = [("", "expected", "at worst"), ("a month", "$1.00", "$12.00"), ("a_b | c", "·", "")]


def test_a_table_of_text_is_aligned_at_the_first_column_s_left_and_the_others_right() -> None:
    assert aligned(ROWS).splitlines() == [
        "         expected  at worst",
        "a month     $1.00    $12.00",
        "a_b | c         ·",
    ]


def test_a_table_of_markdown_is_aligned_likewise_and_takes_texts_as_they_are() -> None:
    assert piped(ROWS).splitlines() == [
        "|  | expected | at worst |",
        "| --- | --: | --: |",
        "| a month | $1.00 | $12.00 |",
        r"| a\_b \| c | · |  |",
    ]
