"""The saved CloudWatch Logs Insights queries, evaluated over lines of the worker's own formatter."""

import json
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from components.resources.log_queries import ERRORS, LOG_QUERIES, MEMORY, PROGRESS, SLOWEST_REGIONS, LogQuery
from docs.dashboard.history import history
from docs.dashboard.insights import QueryError, Table, answer
from tests.stacks import ROOT
from worker.logs import JsonLines

NOW = datetime(2026, 11, 30, 7, tzinfo=UTC)


def line(minutes_ago: float, message: str, level: int = logging.INFO, **extra: str) -> dict[str, Any]:
    """Return a line as Logs Insights discovers it: `@timestamp`, and the fields of the worker's JSON."""
    record = logging.LogRecord("worker", level, "", 0, message, (), None)
    shard = extra.pop("shard", "0")
    vars(record).update(extra)
    written = JsonLines({"run": "2026-W49", "shard": shard, "attempt": "0"}).format(record)
    return {"@timestamp": NOW - timedelta(minutes=minutes_ago), **json.loads(written)}


LINES = [
    line(9, "planned regions: 3, shards: 2"),
    line(6, "done in 2.50 s", region="bandung"),
    line(5, "failed: no image without cloud", logging.ERROR, region="jakarta"),
    line(4, "done in 7.25 s", region="bogor", shard="1"),
    line(3, "partial in 61.5 s, at most 118 MiB in use"),
    line(2, "succeeded in 30.0 s, at most 240 MiB in use", shard="1"),
]


def rows(query: LogQuery) -> list[list[Any]]:
    table = answer(query.text, LINES, NOW)
    return [[row.get(column) for column in table.columns] for row in table.rows]


def test_each_saved_query_answers_its_question() -> None:
    moment = NOW - timedelta(minutes=5)
    assert rows(ERRORS) == [[moment, "2026-W49", "jakarta", "failed: no image without cloud"]]
    assert rows(PROGRESS) == [["2026-W49", "1", "0", 1, 0, 2], ["2026-W49", "0", "0", 1, 1, 3]]
    assert rows(SLOWEST_REGIONS) == [["bogor", 7.25, 7.25, 1], ["bandung", 2.5, 2.5, 1]]
    assert rows(MEMORY) == [["2026-W49", "0", 118, 61.5], ["2026-W49", "1", 240, 30]]


def test_every_saved_query_finds_lines_of_a_local_stack() -> None:
    recorded = history()
    for query in LOG_QUERIES:
        table = answer(query.text, recorded.log, recorded.now)
        assert table.rows, query.title
        for column in table.columns:
            assert any(row.get(column) is not None for row in table.rows), (query.title, column)


def test_the_messages_that_the_queries_read_are_those_of_the_worker() -> None:
    worker = ROOT / "container" / "worker"
    assert '"done in %.2f s"' in (worker / "publication.py").read_text(encoding="utf-8")
    assert '"%s in %.1f s, at most %d MiB in use"' in (worker / "monitor.py").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "query", ["dedup run", "fields median(seconds)", "stats avg(seconds) by run", "filter a > 1"]
)
def test_an_unsupported_query_is_refused(query: str) -> None:
    with pytest.raises(QueryError):
        answer(query, LINES, NOW)


def test_no_line_is_an_empty_table() -> None:
    assert answer(PROGRESS.text, [], NOW) == Table(
        ("run", "shard", "attempt", "regions_done", "errors", "minutes_since_last_line"), []
    )
