"""The parts of the worker that read an existing program's files and log, each tested separately."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.settings.command import Command as Setting
from tests.container.catalogs import NAMES, REGIONS
from tests.local.emulator.local_aws import eventually
from worker.errors import ErrorName, WorkerError
from worker.s3 import Bucket, Listed
from worker.workloads import Failed, Succeeded
from worker.workloads.command import cache as cache_
from worker.workloads.command import process as process_module
from worker.workloads.command.files import Folder
from worker.workloads.command.lines import LINE_CHARACTERS
from worker.workloads.command.log_parser import REASON_CHARACTERS, LogParser
from worker.workloads.command.process import StalledError, started
from worker.workloads.command.results import PERIOD_CHARACTERS, Results
from worker.workloads.command.settings import Command

COMMAND = Command.model_validate_json(
    Setting(program=("python", "monitor.py")).model_dump_json(by_alias=True)
)
FIRST, SECOND = NAMES[:2]


def parsed(*lines: str) -> LogParser:
    parser = LogParser(COMMAND)
    for line in lines:
        parser.parse(line)
    return parser


def regions_of(*lines: str) -> list[str | None]:
    parser = LogParser(COMMAND)
    return [parser.parse(line) for line in lines]


def test_the_log_parser_knows_the_region_in_progress() -> None:
    assert parsed(f"🔍 Analyzing Yogyakarta region: {FIRST}").region == FIRST
    assert parsed(f"🔍 Analyzing Yogyakarta region: {FIRST}", "loading").region == FIRST
    assert (
        parsed(f"Analyzing Yogyakarta region: {FIRST}", f"{FIRST}: Successfully analyzed using x").region
        is None
    )


def test_a_line_is_about_the_region_that_it_names_or_that_is_worked_on() -> None:
    assert regions_of(
        "banner",
        f"Analyzing Yogyakarta region: {FIRST}",
        "loading",
        f"Satellite data unavailable for {FIRST}",
        "next",
        f"Analyzing Yogyakarta region: {SECOND}",
        f"{SECOND}: Successfully analyzed using x",
        "scores",
        f"Failed to analyze Yogyakarta region {FIRST}: late",
    ) == [None, FIRST, FIRST, FIRST, None, SECOND, SECOND, None, FIRST]


def test_the_log_parser_measures_the_seconds_of_each_region() -> None:
    now = [0.0]
    parser = LogParser(COMMAND, lambda: now[0])
    for second, line in (
        (1, f"Analyzing Yogyakarta region: {FIRST}"),
        (91.5, f"Satellite data unavailable for {FIRST}"),
        (100, f"Analyzing Yogyakarta region: {SECOND}"),
        (120, f"Analyzing Yogyakarta region: {NAMES[2]}"),
    ):
        now[0] = second
        parser.parse(line)
    assert parser.seconds == {FIRST: 90.5, SECOND: 20}


def test_the_log_parser_keeps_the_reason_of_a_failure_and_the_last_lines() -> None:
    parser = parsed(
        *(f"line {number}" for number in range(9)), f"Failed to analyze Yogyakarta region {FIRST}: ✗"
    )
    assert parser.reasons == {FIRST: f"Failed to analyze Yogyakarta region {FIRST}: ✗"}
    assert parser.last_lines.startswith("Its last lines: line 5 / line 6")
    assert parsed().last_lines == "It wrote nothing."


@given(st.lists(st.text(max_size=REASON_CHARACTERS + 20), max_size=3))
def test_a_log_parser_stays_small_for_any_output(lines: list[str]) -> None:
    parser = parsed(*lines, f"Satellite data unavailable for {FIRST} " + "x" * 5000)
    assert len(parser.last_lines) < 6 * REASON_CHARACTERS
    assert len(parser.reasons[FIRST]) == REASON_CHARACTERS


def results(tmp_path: Path, content: Any, cleaned: Callable[[str], str] = str) -> Results:
    path = tmp_path / "weekly_monitoring_1.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return Results(path, COMMAND.results, cleaned)


def outcome(tmp_path: Path, content: Any, *lines: str) -> Succeeded | Failed:
    (found,) = results(tmp_path, content).outcomes(REGIONS[:1], parsed(*lines), None)
    return found


def entry(**changes: Any) -> dict[str, Any]:
    found = {"region_name": FIRST, "change_count": 3, "total_area_m2": 25_000.0, **changes}
    return {"regions_analyzed": [found], "errors": []}


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("2026-11-16 to 2026-11-23", "2026-11-16 to 2026-11-23"),
        ("a secret week", "a *** week"),
        ("x" * 500, "x" * PERIOD_CHARACTERS),
        (" ", None),
        ({"week": 47}, None),
        (None, None),
    ],
)
def test_the_results_say_which_dates_they_are_about_or_nothing(
    tmp_path: Path, written: Any, told: str | None
) -> None:
    read = results(tmp_path, entry() | {"period": written}, lambda text: text.replace("secret", "***"))
    (found,) = read.outcomes(REGIONS[:1], parsed(), None)
    assert isinstance(found, Succeeded)
    assert found.findings.period == told


def test_a_region_in_the_results_has_succeeded_in_hectares(tmp_path: Path) -> None:
    found = outcome(tmp_path, entry())
    assert isinstance(found, Succeeded)
    assert (found.findings.change_count, found.findings.area_ha) == (3, 2.5)


@pytest.mark.parametrize(("count", "area"), [("3", "25000"), ("3.0", "2.5e4"), (" 3 ", 25_000.0)])
def test_a_number_that_is_written_as_text_is_that_number(tmp_path: Path, count: Any, area: Any) -> None:
    found = outcome(tmp_path, entry(change_count=count, total_area_m2=area))
    assert isinstance(found, Succeeded)
    assert (found.findings.change_count, found.findings.area_ha) == (3, 2.5)


@pytest.mark.parametrize("note", [b"caf\xe9", b"a\nb", b"a\tb", b"a\0b", b"\xff\xfe"])
def test_bytes_that_json_does_not_allow_fail_no_region(tmp_path: Path, note: bytes) -> None:
    path = tmp_path / "results.json"
    entries = b",".join(
        b'{"region_name": "%s", "change_count": 1, "total_area_m2": 1, "note": "%s"}' % (name.encode(), note)
        for name in NAMES
    )
    path.write_bytes(b'{"regions_analyzed": [%s]}' % entries)
    read = Results(path, COMMAND.results, str)
    assert {type(found) for found in read.outcomes(REGIONS, parsed(), None)} == {Succeeded}


def test_a_region_without_any_change_has_succeeded(tmp_path: Path) -> None:
    assert isinstance(outcome(tmp_path, entry(change_count=0, total_area_m2=0)), Succeeded)


@pytest.mark.parametrize(
    "changes",
    [
        {"change_count": -1},
        {"change_count": None},
        {"change_count": "many"},
        {"total_area_m2": -50_000},
        {"total_area_m2": float("nan")},
        {"total_area_m2": float("inf")},
        {"total_area_m2": "12 ha"},
        {"total_area_m2": None},
    ],
)
def test_a_region_whose_figures_cannot_be_has_failed(tmp_path: Path, changes: dict[str, Any]) -> None:
    found = outcome(tmp_path, entry(**changes))
    assert isinstance(found, Failed)
    assert found.error.startswith("its result cannot be used: ")


DEEP = "[" * 100_000 + "]" * 100_000


@pytest.mark.parametrize(
    "bad",
    [
        '{"region_name": "FIRST", "change_count": 3, "total_area_m2": 1%s}' % ("0" * 400),
        '{"region_name": "FIRST", "change_count": 3, "total_area_m2": 1%s}' % ("0" * 10_000),
        '{"region_name": "FIRST", "change_count": 1%s, "total_area_m2": 1}' % ("0" * 400),
        '{"region_name": "FIRST", "change_count": 1%s, "total_area_m2": 1}' % ("0" * 20),
        '{"region_name": "FIRST", "change_count": 3, "total_area_m2": NaN}',
        '{"region_name": "FIRST", "change_count": NaN, "total_area_m2": 1}',
        '{"region_name": "FIRST", "change_count": 3, "total_area_m2": -Infinity}',
        '{"region_name": "FIRST", "change_count": 3, "total_area_m2": 1e300}',
        '{"region_name": "FIRST", "change_count": "\\ud800", "total_area_m2": 1}',
        '{"region_name": "FIRST", "change_count": true, "total_area_m2": 1}',
        '{"region_name": "FIRST", "change_count": 3, "total_area_m2": true}',
        '{"region_name": "FIRST", "change_count": [3], "total_area_m2": {}}',
        f'{{"region_name": "FIRST", "change_count": {DEEP}, "total_area_m2": 1}}',
        '{"region_name": "FIRST", "change_count": 1, "total_area_m2": 1}, {"region_name": "FIRST"}',
    ],
    ids=lambda bad: bad[22:70],
)
def test_an_impossible_value_fails_only_its_region(tmp_path: Path, bad: str) -> None:
    good = ",".join(
        f'{{"region_name": "{name}", "change_count": 1, "total_area_m2": 1e4}}' for name in NAMES[1:]
    )
    read = results(tmp_path, f'{{"regions_analyzed": [{bad.replace("FIRST", FIRST)}, {good}]}}')
    first, *others = read.outcomes(REGIONS, parsed(), None)
    assert isinstance(first, Failed)
    assert first.error.startswith("its result cannot be used: ")
    first.error.encode()
    assert {type(other) for other in others} == {Succeeded}


@pytest.mark.parametrize(
    "beside",
    [f'"details": {DEEP}', '"note": "\\ud800 [[[ { \\" ["', f'"big": 1{"0" * 5000}'],
    ids=["nested", "half of a character", "large"],
)
def test_an_impossible_value_that_is_never_read_fails_no_region(tmp_path: Path, beside: str) -> None:
    found = f'{{"region_name": "{FIRST}", "change_count": 1, "total_area_m2": 1, {beside}}}'
    assert isinstance(outcome(tmp_path, f'{{{beside}, "regions_analyzed": [{found}]}}'), Succeeded)


def test_a_period_that_cannot_be_encoded_fails_no_region(tmp_path: Path) -> None:
    found = outcome(tmp_path, entry() | {"period": "week \ud800"})
    assert isinstance(found, Succeeded)
    assert found.findings.period == "week ?"


def test_results_of_unknown_regions_are_reported_as_remarks(tmp_path: Path) -> None:
    content = {
        "regions_analyzed": [
            *entry()["regions_analyzed"],
            7,
            {"change_count": 1},
            {"region_name": "atlantis"},
        ]
    }
    first, second = results(tmp_path, content).remarks(REGIONS)
    assert first.text.startswith("2 of the entries in regions_analyzed have no region_name")
    assert second.text == "The results have regions that are not in this worker's share: atlantis."


def test_results_that_are_too_large_or_no_file_are_a_failure_of_the_program(tmp_path: Path) -> None:
    large, pipe = tmp_path / "large.json", tmp_path / "pipe.json"
    with large.open("wb") as file:
        file.truncate(5 * 1024**3)
    os.mkfifo(pipe)
    for path in (large, pipe, tmp_path / "gone.json"):
        with pytest.raises(WorkerError, match=f"{path.name} cannot be used: it ") as caught:
            Results(path, COMMAND.results, str)
        assert caught.value.name == ErrorName.PROGRAM_FAILED


def test_the_reason_is_that_of_the_results_then_that_of_the_log(tmp_path: Path) -> None:
    said = f"Satellite data unavailable for {FIRST}"
    missing: dict[str, Any] = {"regions_analyzed": [], "errors": [f"other_{FIRST}: no", f"{FIRST}: no image"]}
    assert outcome(tmp_path, missing, said) == Failed(REGIONS[0], f"{FIRST}: no image", 0)
    assert outcome(tmp_path, {**missing, "errors": None}, said) == Failed(REGIONS[0], said, 0)
    silent = outcome(tmp_path, {"regions_analyzed": []})
    assert silent == Failed(REGIONS[0], "the program gave no reason why it has no result", 0)


def test_a_reason_is_cleaned_before_it_is_cut(tmp_path: Path) -> None:
    key = "k" * 200
    for content in (
        {"regions_analyzed": [], "errors": [f"{FIRST}: {'x' * 200} {key}"]},
        entry(change_count=key),
    ):
        read = results(tmp_path, content, lambda text: text.replace(key, "***"))
        (found,) = read.outcomes(REGIONS[:1], parsed(), None)
        assert isinstance(found, Failed)
        assert "kkk" not in found.error


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from([*COMMAND.results.__dict__.values(), "x"]), inner)
        ),
        max_leaves=8,
    )
)
def test_all_regions_in_the_results_are_evaluated(
    tmp_path_factory: pytest.TempPathFactory, content: Any
) -> None:
    try:
        found = results(tmp_path_factory.getbasetemp(), content)
    except WorkerError:
        return
    assert len(list(found.outcomes(REGIONS, parsed(), None))) == len(NAMES)


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"regions_analyzed": {}}', "{}"])
def test_results_that_cannot_be_read_are_a_failure_of_the_program(tmp_path: Path, content: str) -> None:
    with pytest.raises(WorkerError, match=r"weekly_monitoring_1\.json") as caught:
        results(tmp_path, content)
    assert caught.value.name == ErrorName.PROGRAM_FAILED


def test_links_in_a_circle_and_paths_that_are_too_long_are_skipped(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    (tmp_path / "a.json").symlink_to("b.json")
    (tmp_path / "b.json").symlink_to("a.json")
    (tmp_path / "loop.json").symlink_to("loop.json")
    (tmp_path / "good.json").write_text("1")
    assert [path.name for path in folder.made("**/*.json")] == ["good.json"]
    assert [name for name, _ in folder.unfit("**/*.json")] == ["a.json", "b.json", "loop.json"]

    def dig(here: int, levels: int) -> None:
        """Make folders by their parents' descriptors, since their whole path is longer than any call takes."""
        for _ in range(levels):
            os.mkdir("d" * 100, dir_fd=here)
            here = os.open("d" * 100, os.O_RDONLY, dir_fd=here)

    dig(os.open(tmp_path, os.O_RDONLY), 45)
    assert "good.json" in [path.name for path in folder.made("**/*.json")]
    Folder(tmp_path)


def test_only_new_files_are_taken_the_newest_last(tmp_path: Path) -> None:
    (tmp_path / "old.json").write_text("1")
    folder = Folder(tmp_path)
    for age, name in enumerate(["b.json", "a.json", "c.txt"]):
        (tmp_path / name).write_text("2")
        os.utime(tmp_path / name, (time.time() + age, time.time() + age))
    (tmp_path / "old.json").write_text("written over")
    os.utime(tmp_path / "old.json", (time.time() - 1, time.time() - 1))
    (tmp_path / "unpacked.json").write_text("3")
    os.utime(tmp_path / "unpacked.json", (0, 0))
    (tmp_path / "linked.json").symlink_to(tmp_path / "old.json")
    (tmp_path / "folder.json").mkdir()
    assert [path.name for path in folder.made("*.json")] == ["old.json", "b.json", "a.json"]


def test_a_file_that_is_written_over_is_new_and_one_that_is_left_alone_is_not(tmp_path: Path) -> None:
    for name in ("results.json", "replaced.json", "left.json"):
        (tmp_path / name).write_text("1")
    folder = Folder(tmp_path)
    assert folder.made("*.json") == []
    time.sleep(0.02)
    (tmp_path / "results.json").write_text("2")
    (tmp_path / "next").write_text("2")
    (tmp_path / "next").replace(tmp_path / "replaced.json")
    assert {path.name for path in folder.made("*.json")} == {"results.json", "replaced.json"}


def test_a_cache_comes_back_as_old_as_it_was_and_only_changes_are_kept(tmp_path: Path, cache: Bucket) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    (first / "osm").mkdir(parents=True)
    (first / "osm" / "a.json").write_text("a")
    (first / "b.json").write_text("b")
    cache_.keep(first, {}, cache, lambda: None)

    second.mkdir()
    cache_.restore(second, cache, lambda: None)
    before = cache_.times(second)
    assert (second / "osm" / "a.json").read_text() == "a"
    [modified] = [entry.written_at for entry in cache.entries(f"{cache_.PREFIX}b.json")]
    assert (second / "b.json").stat().st_mtime == modified.timestamp()

    (second / "b.json").write_text("changed")
    cache.delete(f"{cache_.PREFIX}osm/a.json")
    cache_.keep(second, before, cache, lambda: None)
    assert list(cache.keys("")) == [f"{cache_.PREFIX}b.json"]
    assert cache.read(f"{cache_.PREFIX}b.json") == b"changed"


def test_a_cache_restores_all_but_the_keys_that_name_no_file_of_its_folder(
    tmp_path: Path, cache: Bucket
) -> None:
    for key in ("../escaped", "a/../../escaped", "osm/a.json", "both", "both/f", "a\\b"):
        cache.write(f"{cache_.PREFIX}{key}", b"", "text/plain")
    folder = tmp_path / "cache"
    folder.mkdir()
    lost = cache_.restore(folder, cache, lambda: None)
    assert len(lost) == 4
    assert any("'workloads/command/cache/../escaped': '..' is no name" in reason for reason in lost)
    assert folder / "osm" / "a.json" in cache_.times(folder)
    assert len(cache_.times(folder)) == 2
    assert list(tmp_path.iterdir()) == [folder]


def test_a_cache_keeps_all_but_the_names_that_are_no_keys(tmp_path: Path, cache: Bucket) -> None:
    for name in (b"good", b"a\\b", b"\xff"):
        (tmp_path / os.fsdecode(name)).touch()
    lost = cache_.keep(tmp_path, {}, cache, lambda: None)
    assert ["a backslash" in reason or "no UTF-8" in reason for reason in lost] == [True, True]
    assert list(cache.keys("")) == [f"{cache_.PREFIX}good"]


def test_a_file_that_a_link_leads_to_outside_of_the_folder_was_not_made_in_it(tmp_path: Path) -> None:
    program, outside = tmp_path / "program", tmp_path / "outside"
    program.mkdir()
    outside.mkdir()
    folder = Folder(program)
    (outside / "secret.json").touch()
    (program / "own").mkdir()
    (program / "own" / "a.json").touch()
    (program / "out").symlink_to(outside)
    (program / "same").symlink_to("own")
    assert folder.made("out/*.json") == []
    assert dict(folder.unfit("out/*.json")).keys() == {"out/secret.json"}
    assert folder.made("../outside/*.json") == []
    assert folder.made("same/*.json") == [program / "same" / "a.json"]


def test_a_folder_that_was_made_in_the_console_is_no_file_of_the_cache(tmp_path: Path, cache: Bucket) -> None:
    for key in ("", "osm/", "osm/a.json"):
        cache.write(f"{cache_.PREFIX}{key}", b"", "text/plain")
    cache_.restore(tmp_path, cache, lambda: None)
    assert list(cache_.times(tmp_path)) == [tmp_path / "osm" / "a.json"]


def test_of_more_files_than_are_kept_the_newest_are(
    tmp_path: Path, cache: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["b", "d", "a", "c"]
    monkeypatch.setattr(cache_, "MOST_FILES", 2)
    folder = tmp_path / "kept"
    folder.mkdir()
    for age, name in enumerate(names):
        (folder / name).write_text(name)
        os.utime(folder / name, (age, age))
    cache_.keep(folder, {}, cache, lambda: None)
    assert [key.removeprefix(cache_.PREFIX) for key in cache.keys("")] == ["a", "c"]

    entries = [
        Listed(f"{cache_.PREFIX}{name}", datetime.fromtimestamp(age, UTC), "")
        for age, name in enumerate(names)
    ]
    for key, _, _ in entries:
        cache.write(key, b"", "text/plain")
    monkeypatch.setattr(Bucket, "entries", lambda *_: iter(entries))
    folder = tmp_path / "restored"
    folder.mkdir()
    cache_.restore(folder, cache, lambda: None)
    assert sorted(path.name for path in folder.iterdir()) == ["a", "c"]


def lines_of(code: str, tmp_path: Path, stall_seconds: float = 10) -> list[str]:
    with started(["python", "-c", code], tmp_path, dict(os.environ)) as process:
        return list(process.lines(stall_seconds=stall_seconds, tick=lambda: None))


def test_lines_come_whole_and_in_order_whatever_is_in_them(tmp_path: Path) -> None:
    code = "import sys; [print(n) for n in range(20_000)]; sys.stdout.buffer.write(b'\\xff 10%\\r20%\\rend')"
    lines = lines_of(code, tmp_path)
    assert lines[:20_000] == [str(number) for number in range(20_000)]
    assert lines[20_000:] == ["\ufffd 10%", "20%", "end"]


def test_a_line_without_an_end_comes_in_pieces(tmp_path: Path) -> None:
    lines = lines_of("print('x' * 100_000)", tmp_path)
    assert {len(line) for line in lines} == {LINE_CHARACTERS}
    assert sum(map(len, lines)) == 100_000


def test_silence_is_measured_from_the_last_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(process_module, "monotonic", lambda: now)
    slow = "import time; [(print(n, flush=True), time.sleep(0.4)) for n in range(3)]; time.sleep(600)"
    with started(["python", "-c", slow], tmp_path, dict(os.environ)) as process:
        lines = process.lines(stall_seconds=10, tick=lambda: None)
        for expected in ("0", "1", "2"):
            assert next(lines) == expected
            now += 9
        now += 1
        with pytest.raises(StalledError):
            next(lines)


def test_a_program_that_is_ended_may_clean_up(tmp_path: Path) -> None:
    code = (
        "import pathlib, signal, sys, time;"
        "signal.signal(signal.SIGTERM, lambda *_: (pathlib.Path('clean').touch(), sys.exit()));"
        "print('up', flush=True); time.sleep(600)"
    )
    with started(["python", "-c", code], tmp_path, dict(os.environ)) as process:
        assert next(process.lines(stall_seconds=10, tick=lambda: None)) == "up"
    assert (tmp_path / "clean").exists()
    assert process.exit_code == 0


class Stopped(BaseException):
    pass


def test_a_stop_that_comes_while_it_is_started_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    children: list[psutil.Process] = []
    popen = subprocess.Popen

    def stopped_meanwhile(*given: Any, **options: Any) -> subprocess.Popen[str]:
        process = popen(*given, **options)
        children.append(psutil.Process(process.pid))
        signal.raise_signal(signal.SIGTERM)
        return process

    def stop(*_: Any) -> None:
        raise Stopped

    monkeypatch.setattr(subprocess, "Popen", stopped_meanwhile)
    before = signal.signal(signal.SIGTERM, stop)
    try:
        with pytest.raises(Stopped), started(["sleep", "600"], tmp_path, dict(os.environ)):
            pytest.fail("it went on in spite of the signal")
        assert signal.getsignal(signal.SIGTERM) is stop
    finally:
        signal.signal(signal.SIGTERM, before)
    assert [child for child in children if child.is_running()] == []
    assert len(children) == 1


def is_gone(process_id: int) -> bool:
    try:
        return psutil.Process(process_id).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.mark.parametrize("child", ["sleep 600", "while :; do echo still; sleep 0.05; done"])
def test_child_processes_of_a_finished_program_are_killed_without_waiting_for_them(
    tmp_path: Path, child: str
) -> None:
    with started(["sh", "-c", f"({child}) & echo $!"], tmp_path, dict(os.environ)) as process:
        said = list(process.lines(stall_seconds=600, tick=lambda: None))
        (left,) = set(said) - {"still"}
        assert not is_gone(int(left)), "it was waited for"
    eventually(lambda: is_gone(int(left)))
