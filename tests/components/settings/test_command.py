import json
import re
from typing import Any

import pytest
from pydantic import ValidationError

from components.settings.command import Command
from tests.stacks import settings_of
from worker.workloads.command import settings as worker_command


def refusal(**changes: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        Command.model_validate(changes)
    return str(caught.value.errors()[0]["msg"])


def test_the_program_that_prod_runs_does_all_regions_at_once() -> None:
    assert not settings_of("prod").command.takes_regions


@pytest.mark.parametrize(
    ("pattern", "line", "region"),
    [
        ("started_pattern", "… - INFO - 🔍 Analyzing Yogyakarta region: merak_port", "merak_port"),
        ("started_pattern", "… - INFO - 🔍 Analyzing region: yogyakarta_airport", None),
        ("succeeded_pattern", "… - INFO -    ✅ merak_port: Successfully analyzed using B2", "merak_port"),
        ("succeeded_pattern", "… - INFO - Successfully analyzed 27/29 regions", None),
        ("failed_patterns", "… - WARNING - 🛰️ Satellite data unavailable for merak_port", "merak_port"),
        ("failed_patterns", "… - ERROR - Failed to analyze Yogyakarta region merak_port: x", "merak_port"),
        ("failed_patterns", "… - INFO -    🔄 merak_port: Trying fallback 1", None),
    ],
)
def test_its_lines_are_understood(pattern: str, line: str, region: str | None) -> None:
    patterns = getattr(settings_of("prod").command, pattern)
    tried = (re.search(each, line) for each in ((patterns,) if isinstance(patterns, str) else patterns))
    found = [match["region"] for match in tried if match]
    assert found == ([] if region is None else [region])


def test_a_worker_parses_its_settings() -> None:
    told = Command(program=("monitor",), scraping_variable="SCRAPING", environment={"MODE": "weekly"})
    heard = worker_command.Command.model_validate_json(told.model_dump_json(by_alias=True))
    assert json.loads(heard.model_dump_json(by_alias=True)) == json.loads(told.model_dump_json(by_alias=True))
    assert worker_command.REGIONS in Command(program=("monitor", "{regions}")).program
    assert set(worker_command.Command.model_fields) == set(Command.model_fields)


@pytest.mark.parametrize("program", [["monitor", "--regions={regions}"], ["{regions}"]])
def test_a_program_with_the_placeholder_takes_its_regions(program: list[str]) -> None:
    assert Command.model_validate({"program": program}).takes_regions


@pytest.mark.parametrize("program", [[], [""], ["x"] * 51])
def test_a_program_has_something_to_type_and_not_too_much(program: list[str]) -> None:
    refusal(program=program)


@pytest.mark.parametrize("pattern", ["Analyzing", "(", r"Analyzing (?P<name>\w+)", ""])
def test_a_pattern_names_its_region(pattern: str) -> None:
    for changes in (
        {"startedPattern": pattern},
        {"succeededPattern": pattern},
        {"failedPatterns": [pattern]},
    ):
        assert "a group named region; write one such as" in refusal(**changes)


@pytest.mark.parametrize("path", ["", "/output/*.json", "../results.json", "output/../../results.json"])
def test_only_files_in_the_programs_folder_are_collected(path: str) -> None:
    for changes in (
        {"results": {"files": path}},
        {"reportFiles": path},
        {"otherFiles": [path]},
        {"configFile": path},
    ):
        assert "below the program's folder; write one such as" in refusal(**changes)


@pytest.mark.parametrize("name", ["1ST", "A-B", "", "A B"])
def test_a_variable_has_a_name_that_can_be_one(name: str) -> None:
    assert "such as ENABLE_SCRAPING" in refusal(scrapingVariable=name)
    assert "such as ENABLE_SCRAPING" in refusal(environment={name: "1"})


def test_an_unknown_setting_of_a_program_is_refused() -> None:
    refusal(programme=["python"])
    refusal(results={"files": "results.json", "colour": "green"})
