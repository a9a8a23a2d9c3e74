from worker.reports.sparkline import HEIGHT, WIDTH, sparkline


def test_a_line_spans_its_width_and_goes_from_zero_to_the_largest_area() -> None:
    line = sparkline([0, 4, 2])
    assert line.path == f"M3,{HEIGHT - 3}L{WIDTH // 2},3L{WIDTH - 3},{HEIGHT // 2}"
    assert line.end == (WIDTH - 3, HEIGHT / 2)
    assert line.words == "0, 4, 2"


def test_a_run_without_a_result_is_a_gap_and_a_single_one_between_gaps_a_dot() -> None:
    line = sparkline([1, 1, None, 1, None])
    assert line.path.count("M") == 2
    assert line.path.endswith("h0")
    assert line.end is None
    assert line.words == "1, 1, no result, 1, no result"


def test_a_region_that_was_never_cleared_has_a_line_at_zero() -> None:
    assert sparkline([0, 0]).path == f"M3,{HEIGHT - 3}L{WIDTH - 3},{HEIGHT - 3}"
