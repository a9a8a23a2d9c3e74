import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from components.machines.errors import COULD_NOT_START, WAS_LOST
from guardrails.exemptions import Exemption
from guardrails.limits import (
    SCHEMA,
    LimitsError,
    load,
    load_exemptions,
    of_level,
    rule_mistakes,
    schema,
    without_mistakes,
)
from guardrails.limits_source import DEFAULTS, FOLDER, limits_of, source_of
from guardrails.rule import Level, Limit, Rule, Scope, Severity, Subject
from guardrails.rules import RULES
from tests.policies.plans import rule
from tests.stacks import ENVIRONMENTS
from worker.errors import ErrorName


def nothing(subject: Subject) -> Iterator[str]:  # noqa: ARG001 - an evaluation takes a subject
    yield from ()


DAYS = Rule(
    name="log-retention-set",
    requirement="A log group keeps its logs for a time.",
    rationale="It does not matter here.",
    severity=Severity.LOW,
    level=Level.MANDATORY,
    remediation="Set a number.",
    url="https://docs.aws.amazon.com/",
    scope=Scope.RESOURCE,
    resource_types=frozenset({"aws:cloudwatch/logGroup:LogGroup"}),
    evaluate=nothing,
    limits=(
        Limit(
            key="minRetentionDays",
            description="The fewest days.",
            default=14,
            schema={"type": "integer", "minimum": 1},
        ),
    ),
)


def written(folder: Path, content: Any) -> Path:
    """Write a file of limits, with its version if the content is an object."""
    path = folder / "ours.json"
    text = json.dumps({"version": 1, **content} if isinstance(content, dict) else content)
    path.write_text(content if isinstance(content, str) else text, encoding="utf-8")
    return path


def of_stack(environment: str) -> dict[str, dict[str, Any]]:
    return limits_of(source_of("ccapi", environment), RULES)


def refused(folder: Path, content: Any) -> str:
    with pytest.raises(LimitsError) as error:
        load(written(folder, content), [DAYS])
    return str(error.value)


def test_limits_are_read_by_rule(tmp_path: Path) -> None:
    content = {"$schema": "schema.json", DAYS.name: {"minRetentionDays": 7, "enforcementLevel": "advisory"}}
    assert load(written(tmp_path, content), [DAYS]) == {
        DAYS.name: {"minRetentionDays": 7, "enforcementLevel": "advisory"}
    }


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (
            {"log-retention-sett": {}},
            "log-retention-sett is not known; the nearest name is log-retention-set.",
        ),
        (
            {DAYS.name: {"minRetention": 7}},
            "log-retention-set.minRetention is not known; the nearest name is minRetentionDays.",
        ),
        (
            {DAYS.name: {"minRetentionDays": "7"}},
            'log-retention-set.minRetentionDays is "7", no whole number; write one.',
        ),
        (
            {DAYS.name: {"minRetentionDays": 0}},
            "log-retention-set.minRetentionDays is 0, below 1; write 1 or more.",
        ),
        (
            {DAYS.name: {"enforcementLevel": "off"}},
            'log-retention-set.enforcementLevel is "off", which is not known; '
            "write advisory, mandatory or disabled.",
        ),
        ({DAYS.name: 7}, "log-retention-set is 7, no object; write one."),
        ({"version": 2}, "version is 2, which is not known; write 1."),
        ([], "it is [], no object; write one."),
    ],
)
def test_a_mistake_is_reported_in_a_sentence(content: Any, told: str, tmp_path: Path) -> None:
    assert refused(tmp_path, content) == f"ours.json has mistakes:\n  {told}"


def test_all_mistakes_are_reported_at_once(tmp_path: Path) -> None:
    told = refused(tmp_path, {"nothing": {}, DAYS.name: {"minRetentionDays": -1, "maxRetentionDays": 1}})
    assert len(told.splitlines()) == 4


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ('{"log-retention-set": {}, "log-retention-set": {}}', "log-retention-set is a duplicate key"),
        ('{"log-retention-set": {"minRetentionDays": NaN}}', "NaN is not a number"),
    ],
)
def test_a_file_that_is_no_clear_json_is_refused(content: str, told: str, tmp_path: Path) -> None:
    assert told in refused(tmp_path, content)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bytes.json").write_bytes(b"\xff")
    for name in ("none.json", "bytes.json", "."):
        with pytest.raises(LimitsError, match=r"cannot be read|is not JSON"):
            load(tmp_path / name, [DAYS])


def test_a_stack_without_a_file_has_every_default(tmp_path: Path) -> None:
    assert limits_of(source_of("p", "ours", tmp_path), [DAYS]) == {}
    (tmp_path / "p").mkdir()
    file = written(tmp_path / "p", {DAYS.name: {"minRetentionDays": 7}})
    for source in (source_of("p", "ours", tmp_path), source_of("q", "other", file)):
        assert limits_of(source, [DAYS]) == {DAYS.name: {"minRetentionDays": 7}}


def test_limits_belong_to_a_project_and_a_stack_and_a_report_names_their_source(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    file = written(tmp_path / "p", {})
    assert source_of("p", "ours", tmp_path).name == "p/ours.json"
    assert source_of("q", "ours", tmp_path).name == source_of("p", "other", tmp_path).name == DEFAULTS
    # An explicit limits file applies to every project and stack.
    assert source_of("q", "other", file).name == str(file)
    with pytest.raises(LimitsError, match="gone does not exist; name a file of limits"):
        source_of("p", "ours", tmp_path / "gone")


def test_a_file_of_the_form_before_version_1_is_refused_with_the_command_that_migrates_it(
    tmp_path: Path,
) -> None:
    file = written(tmp_path, json.dumps({DAYS.name: {}}))
    with pytest.raises(LimitsError) as error:
        source_of("p", "ours", tmp_path)
    assert f"`python -m guardrails limits migrate --project p {tmp_path}` moves it to" in str(error.value)
    with pytest.raises(LimitsError) as error:
        load(file, [DAYS])
    assert f"has no version, as before version 1; `python -m guardrails limits migrate {file}`" in str(
        error.value
    )


@pytest.mark.parametrize("stack", ["schema", "limits.schema", ""])
def test_no_stack_takes_the_schema_for_its_limits(stack: str) -> None:
    assert source_of("ccapi", stack).name == DEFAULTS


@pytest.mark.parametrize(("level", "expected"), [(Level.DISABLED, {"a"}), (Level.ADVISORY, {"b"})])
def test_rules_to_which_a_level_is_given_are_known(level: Level, expected: set[str]) -> None:
    limits: dict[str, dict[str, Any]] = {
        "a": {"enforcementLevel": "disabled"},
        "b": {"enforcementLevel": "advisory"},
        "c": {},
    }
    assert of_level(limits, level) == expected


def test_the_limits_of_one_rule_can_be_checked_alone() -> None:
    assert rule_mistakes(DAYS, {}) == []
    assert rule_mistakes(DAYS, {"minRetentionDays": 0}) == [
        "minRetentionDays is 0, below 1; write 1 or more."
    ]


def test_a_rule_is_evaluated_with_its_valid_limits() -> None:
    given = {"minRetentionDays": 0, "maxRetentionDays": 30, "maxRetention": 7}
    assert without_mistakes(rule("log-retention-set"), given) == {"maxRetentionDays": 30}


def test_the_schema_is_one_and_knows_every_rule() -> None:
    Draft202012Validator.check_schema(schema(RULES))
    assert list(schema(RULES)["properties"]) == [
        "$schema",
        "version",
        "exemptions",
        *(one.name for one in RULES),
    ]


def test_every_default_fits_its_own_schema() -> None:
    for one in RULES:
        assert rule_mistakes(one, one.defaults) == [], one.name


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_limits_of_a_stack_of_the_checkout_can_be_used(environment: str) -> None:
    assert source_of("ccapi", environment).path
    assert of_stack(environment)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_limits_of_the_stacks_contain_only_values_that_differ_from_the_defaults(environment: str) -> None:
    for name, limits in of_stack(environment).items():
        defaults = {**rule(name).defaults, "enforcementLevel": rule(name).level}
        assert limits
        assert not [key for key, value in limits.items() if value == defaults[key]], name


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_no_rule_is_switched_off_there(environment: str) -> None:
    assert not of_level(of_stack(environment), Level.DISABLED)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_an_error_of_the_worker_is_retried_by_the_machine_or_refused_there(environment: str) -> None:
    permanent = of_stack(environment)["task-retries-what-passes"]["permanentErrors"]
    retried = [name for name in (*COULD_NOT_START, *WAS_LOST) if name.startswith("Worker.")]
    assert sorted([*permanent, *retried]) == sorted(ErrorName)


def test_an_editor_finds_the_schema() -> None:
    for path in FOLDER.glob("*/*.json"):
        named = json.loads(path.read_text(encoding="utf-8"))["$schema"]
        assert (path.parent / named).resolve() == SCHEMA
        assert SCHEMA.exists()


EXEMPTION = {"rule": "task-callback-heartbeat", "resource": "orders", "reason": "A person answers."}


def test_exemptions_are_read_with_their_last_day(tmp_path: Path) -> None:
    file = tmp_path / "it.json"
    file.write_text(json.dumps({"version": 1, "exemptions": [{**EXEMPTION, "until": "2027-03-31"}]}))
    assert load(file, RULES) == {}
    assert load_exemptions(file, RULES) == (Exemption(**EXEMPTION, until=date(2027, 3, 31)),)


@pytest.mark.parametrize(
    ("changes", "mistake"),
    [
        ({"reason": ""}, "exemptions.0.reason is"),
        ({"rule": "task-heartbeat"}, "the nearest name is task-callback-heartbeat"),
        ({"rule": "rules-assessed-everything"}, "which is not known"),
        ({"until": "2027-02-30"}, "exemptions.0.until is 2027-02-30, no day; write one"),
        ({"until": "soon"}, "exemptions.0.until is"),
        ({"resource": None}, "exemptions.0.resource is missing; write it"),
        ({"states": ["Wait"]}, "exemptions.0.states is not known; the nearest name is state"),
    ],
)
def test_a_mistake_in_an_exemption_is_named(changes: dict[str, Any], mistake: str, tmp_path: Path) -> None:
    written = {key: value for key, value in {**EXEMPTION, **changes}.items() if value is not None}
    file = tmp_path / "it.json"
    file.write_text(json.dumps({"version": 1, "exemptions": [written]}))
    with pytest.raises(LimitsError) as error:
        load(file, RULES)
    assert mistake in str(error.value)
