"""Objects of a run in S3 that hold anything: every command that reads them ends with an exit code, not a traceback."""

import json
from typing import Any

import pytest

from tests.cli.conftest import PARTIAL, WEEK
from tests.cli.stand_ins import REGIONS, Pipeline, arn_of

ANYTHING = ["", "\0", "[]", "5", "null", '"x"', "{", "{}", "[" * 100_000, '{"a": 1e999}']
CREATED: list[Any] = [
    5,
    {},
    "2026-11-23",
    "2026-11-23T06:00:00",
    "0001-01-01T00:00:00+14:00",
    "0001-01-01T00:00:00+00:00",
    "9999-12-31T23:59:59-14:00",
]
PLANS: list[dict[str, Any]] = [
    {"shards": 5},
    {"shards": "abc"},
    {"shards": {"a": 1}},
    {"shards": [5, None, {}]},
    {"shards": [{"regions": 5}]},
    {"shards": [{"regions": [5, None, {"a": 1}, ["x"]]}]},
    {"shards": [{"shard": "x", "regions": [REGIONS[0]]}]},
    *({"shards": [{"shard": 0, "regions": list(REGIONS)}], "created": created} for created in CREATED),
]
SUMMARIES: list[dict[str, Any]] = [
    {"regions": 5},
    {"regions": "abc"},
    {"regions": [5, None, {}]},
    {"regions": [{"status": "failed", "region": {"a": 1}, "error": 5}]},
    {"regions": [{"status": "failed", "region": REGIONS[0], "error": ["x"]}]},
    {"regions": [{"status": "failed", "region": "\x1b[31m$(id)\n", "error": "\x1b]0;x\x07"}]},
    {"regions": [], "periods": 5},
    {"regions": [], "periods": {"a": 1}},
    {"regions": [], "periods": [5]},
]
COMMANDS = (
    ("show", WEEK),
    ("show", WEEK, "--json"),
    ("logs", WEEK),
    ("logs", WEEK, "--region", REGIONS[0]),
    ("follow", WEEK),
    ("wait",),
    ("runs",),
    ("stop", WEEK),
    ("redo", WEEK),
)


@pytest.fixture(params=["partial", "aborted"])
def ended(request: pytest.FixtureRequest, partial: Pipeline) -> Pipeline:
    """Return a stack with a partial run, and one whose run was stopped, so that its outcome is only in S3."""
    if request.param == "aborted":
        arn = arn_of(PARTIAL)
        partial.states.executions[arn]["status"] = "ABORTED"
        del partial.states.executions[arn]["output"]
        story = partial.states.stories[arn]
        story.events = [event for event in story.events if "outcome" not in json.dumps(event, default=str)]
    return partial


def type_all(pipeline: Pipeline) -> None:
    for words in COMMANDS:
        # It raises every error that is not the operator's.
        typed = pipeline.type(*words)
        assert "\x1b" not in typed.out + typed.error


@pytest.mark.parametrize("text", [*ANYTHING, *map(json.dumps, PLANS)], ids=lambda text: text[:50])
def test_a_damaged_plan_is_no_traceback(ended: Pipeline, text: str) -> None:
    ended.s3.put("cache", f"runs/{WEEK}/plan.json", text)
    type_all(ended)


@pytest.mark.parametrize("text", [*ANYTHING, *map(json.dumps, SUMMARIES)], ids=lambda text: text[:50])
def test_a_damaged_summary_is_no_traceback(ended: Pipeline, text: str) -> None:
    ended.s3.put("reports", f"weekly/{WEEK}/summary.json", text)
    type_all(ended)
