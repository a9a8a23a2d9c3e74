from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from local.agent.log_stream import LogStream

MAX_BATCH_BYTES = 1_048_576


class Recorder:
    """Records the requests to a client of CloudWatch Logs."""

    def __init__(self) -> None:
        self.batches: list[list[dict[str, Any]]] = []

    def put_log_events(self, *, logEvents: list[dict[str, Any]], **_: str) -> None:  # noqa: N803
        self.batches.append(logEvents)

    @property
    def messages(self) -> list[str]:
        return [event["message"] for batch in self.batches for event in batch]


def sent(*pieces: bytes) -> Recorder:
    recorder = Recorder()
    stream = LogStream(recorder, "group", "stream")
    for piece in pieces:
        stream.feed(piece)
    stream.end_line()
    stream.flush()
    return recorder


@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=5))
def test_lines_are_the_same_however_the_output_is_cut(output: bytes, cuts: list[int]) -> None:
    ends = sorted({0, len(output), *(min(cut, len(output)) for cut in cuts)})
    pieces = [output[start:end] for start, end in pairwise(ends)]

    lines = [line.rstrip(b"\r").decode(errors="replace") for line in output.split(b"\n")]
    assert sent(*pieces).messages == [line for line in lines if line]


def test_a_batch_is_never_larger_than_cloudwatch_takes() -> None:
    batches = sent(b"\n".join([b"x" * 100_000] * 30)).batches

    sizes = [sum(len(event["message"]) + 26 for event in batch) for batch in batches]
    assert max(sizes) <= MAX_BATCH_BYTES
    assert sum(len(batch) for batch in batches) == 30


def test_a_batch_has_at_most_ten_thousand_events() -> None:
    assert [len(batch) for batch in sent(b"x\n" * 25_000).batches] == [10_000, 10_000, 5_000]


def test_a_line_longer_than_an_event_becomes_several() -> None:
    messages = sent(b"x" * 600_000).messages

    assert "".join(messages) == "x" * 600_000
    assert max(map(len, messages)) <= 262_144
