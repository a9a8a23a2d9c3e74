"""The reader of schedule expressions, tested by the table; its copies are the same file."""

import tomllib
from datetime import UTC, datetime
from itertools import islice, pairwise
from pathlib import Path
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest

from components.settings import schedule_expression

# Each row knows which kind of expression it has, and mypy does not.
reader: ModuleType = schedule_expression
TABLE: dict[str, Any] = tomllib.loads((Path(__file__).parent / "table.toml").read_text(encoding="utf-8"))


def rows(kind: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        "row", TABLE[kind], ids=[f"{row['expression']} {row.get('zone', '')}" for row in TABLE[kind]]
    )


def zone_of(row: dict[str, Any]) -> ZoneInfo:
    return ZoneInfo(row.get("zone", "UTC"))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@rows("starts")
def test_the_next_starts(row: dict[str, Any]) -> None:
    after = moment(row.get("after", "2026-01-01T00:00"))
    starts = islice(reader.parse(row["expression"]).starts(zone_of(row), after), 4)
    assert [f"{start:%Y-%m-%dT%H:%M}" for start in starts] == row["next"]


@rows("gaps")
def test_the_shortest_and_the_longest_gap(row: dict[str, Any]) -> None:
    gaps = reader.gaps(reader.parse(row["expression"]), zone_of(row))
    found = (gaps.shortest.seconds / 3600, gaps.longest.seconds / 3600) if gaps else (None, None)
    assert found == (row.get("shortest"), row.get("longest"))


@rows("gaps")
def test_a_gap_is_between_two_consecutive_starts(row: dict[str, Any]) -> None:
    cron = reader.parse(row["expression"])
    gaps = reader.gaps(cron, zone_of(row))
    for gap in (gaps.shortest, gaps.longest) if gaps else ():
        assert next(cron.starts(zone_of(row), gap.first)) == gap.second


@rows("intervals")
def test_an_interval(row: dict[str, Any]) -> None:
    rate = reader.parse(row["expression"])
    first = datetime(2026, 1, 1, tzinfo=UTC)
    found = list(islice(rate.starts(first, first), 3))
    assert {(later - earlier).total_seconds() / 60 for earlier, later in pairwise([first, *found])} == {
        row["minutes"]
    }


@rows("intervals")
def test_a_rule_takes_an_interval_in_its_grammatical_number(row: dict[str, Any]) -> None:
    if row.get("of_rule", True):
        assert reader.parse(row["expression"], of_rule=True) == reader.parse(row["expression"])
    else:
        with pytest.raises(reader.ExpressionError, match="write"):
            reader.parse(row["expression"], of_rule=True)


@rows("once")
def test_a_time(row: dict[str, Any]) -> None:
    found = reader.parse(row["expression"]).time.replace(tzinfo=zone_of(row)).astimezone(UTC)
    assert f"{found:%Y-%m-%dT%H:%M:%S}" == row["time"]
    with pytest.raises(reader.ExpressionError, match="write"):
        reader.parse(row["expression"], of_rule=True)


@pytest.mark.parametrize("expression", TABLE["refused"]["expressions"])
def test_the_error_for_an_invalid_expression_says_what_to_write(expression: str) -> None:
    for of_rule in (False, True):
        with pytest.raises(reader.ExpressionError, match="write"):
            reader.parse(expression, of_rule=of_rule)


def test_every_wrong_field_is_in_the_refusal() -> None:
    with pytest.raises(reader.ExpressionError) as caught:
        reader.parse("cron(60 25 32 13 ? 1969)")
    assert [bound in str(caught.value) for bound in ("0 to 59", "0 to 23", "1 to 31", "1 to 12", "1970")] == [
        True
    ] * 5


def test_every_time_zone_loads_but_those_that_no_schedule_may_name() -> None:
    assert available_timezones() - reader.time_zones() <= {"localtime", "Factory"}
    assert not {"localtime", "Factory"} & reader.time_zones()
    summer = datetime(2030, 7, 1, tzinfo=UTC)
    for name in reader.time_zones():
        assert next(reader.parse("cron(0 6 * * ? *)").starts(ZoneInfo(name), summer)) > summer


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        ("UTC", "Wed 2026-07-01 12:00 (UTC)"),
        ("Etc/GMT+7", "Wed 2026-07-01 05:00 (Etc/GMT+7, UTC−7)"),
        ("Etc/GMT-14", "Thu 2026-07-02 02:00 (Etc/GMT-14, UTC+14)"),
        ("Asia/Kathmandu", "Wed 2026-07-01 17:45 (Asia/Kathmandu, UTC+5:45)"),
        ("America/St_Johns", "Wed 2026-07-01 09:30 (America/St_Johns, UTC−2:30)"),
        ("Europe/London", "Wed 2026-07-01 13:00 (Europe/London, UTC+1)"),
    ],
)
def test_the_text_of_a_start_has_its_offset_from_utc(zone: str, text: str) -> None:
    assert reader.clock_text(datetime(2026, 7, 1, 12, tzinfo=UTC), ZoneInfo(zone)) == text
