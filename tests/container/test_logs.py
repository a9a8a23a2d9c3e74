import json
import logging

from worker.logs import JsonLines


def line(record: logging.LogRecord) -> dict[str, str]:
    parsed: dict[str, str] = json.loads(JsonLines({"run": "2026-W48", "shard": "1"}).format(record))
    return parsed


def record(message: str, **extra: str) -> logging.LogRecord:
    made = logging.LogRecord("worker", logging.INFO, __file__, 1, message, (), None)
    made.__dict__.update(extra)
    return made


def test_a_line_has_the_time_level_message_run_shard_and_region() -> None:
    parsed = line(record("done", region="grey_fell"))
    assert parsed["time"].endswith("+00:00")
    assert parsed | {"time": ""} == {
        "time": "",
        "level": "INFO",
        "message": "done",
        "run": "2026-W48",
        "shard": "1",
        "region": "grey_fell",
    }


def test_a_message_of_several_lines_stays_one_line() -> None:
    assert "\n" not in JsonLines({}).format(record("one\ntwo"))


def test_a_traceback_is_part_of_its_line() -> None:
    try:
        int("no")
    except ValueError as error:
        made = record("crashed")
        made.exc_info = (type(error), error, error.__traceback__)
    assert "ValueError: invalid literal" in line(made)["exception"]
