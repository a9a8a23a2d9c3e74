import pytest

from guardrails.aws.types import LOG_GROUP, STATE_MACHINE
from guardrails.plan import UNKNOWN
from guardrails.results import Outcome
from tests.policies.plans import passes, resource, rule, said, violations

TRACED = rule("machine-traced")
LOGGED = rule("machine-logged")
RETENTION = rule("log-retention-set")

DESTINATION = "arn:aws:logs:us-east-1:111111111111:log-group:runs:*"


def test_a_machine_that_records_traces_passes() -> None:
    assert passes(TRACED, resource(STATE_MACHINE, tracingConfiguration={"enabled": True}))


@pytest.mark.parametrize(
    "tracing", [None, {}, {"enabled": False}, {"enabled": None}, {"enabled": UNKNOWN}, UNKNOWN, "on", [True]]
)
def test_a_machine_without_traces_is_refused(tracing: object) -> None:
    (told,) = violations(TRACED, resource(STATE_MACHINE, "runs", tracingConfiguration=tracing))
    assert told.startswith("runs: ")
    assert "tracingConfiguration" in told


@pytest.mark.parametrize("level", ["ALL", "ERROR"])
@pytest.mark.parametrize("destination", [DESTINATION, UNKNOWN])
def test_a_machine_that_logs_its_errors_somewhere_passes(level: str, destination: object) -> None:
    logging = {"level": level, "logDestination": destination, "includeExecutionData": True}
    assert passes(LOGGED, resource(STATE_MACHINE, loggingConfiguration=logging))


def test_a_destination_ends_with_the_streams_of_its_log_group() -> None:
    logging = {"level": "ALL", "logDestination": DESTINATION.removesuffix(":*")}
    (told,) = violations(LOGGED, resource(STATE_MACHINE, loggingConfiguration=logging))
    assert "loggingConfiguration.logDestination does not end with :*, which AWS rejects" in told


@pytest.mark.parametrize("level", ["FATAL", "OFF", "all"])
def test_a_level_that_is_not_enough_is_refused(level: str) -> None:
    logging = {"level": level, "logDestination": DESTINATION}
    assert violations(LOGGED, resource(STATE_MACHINE, loggingConfiguration=logging)) == (
        f"it: its executions are logged at level {level}; set loggingConfiguration.level to ALL or ERROR.",
    )


def test_a_stack_may_take_other_levels_for_enough() -> None:
    machine = resource(STATE_MACHINE, loggingConfiguration={"level": "ERROR", "logDestination": DESTINATION})
    assert violations(LOGGED, machine, levels=["ALL"]) == (
        "it: its executions are logged at level ERROR; set loggingConfiguration.level to ALL.",
    )


@pytest.mark.parametrize("logging", [None, {}, "ALL", [], {"level": "", "logDestination": ""}])
def test_a_machine_without_logs_is_refused_for_level_and_destination(logging: object) -> None:
    level, destination = violations(LOGGED, resource(STATE_MACHINE, loggingConfiguration=logging))
    assert "at level OFF" in level
    assert "set loggingConfiguration.logDestination" in destination


@pytest.mark.parametrize("logging", [UNKNOWN, {"level": UNKNOWN, "logDestination": UNKNOWN}])
def test_a_level_that_is_not_known_is_refused(logging: object) -> None:
    (told,) = violations(LOGGED, resource(STATE_MACHINE, loggingConfiguration=logging))
    assert "loggingConfiguration.level is not known" in told


@pytest.mark.parametrize("days", [14, 15, 90.0, 399, 400, "30"])
def test_a_retention_within_the_limits_passes(days: object) -> None:
    assert passes(RETENTION, resource(LOG_GROUP, retentionInDays=days))


@pytest.mark.parametrize(
    ("days", "told"),
    [
        (13, "kept for 13 days, fewer than 14; raise retentionInDays or lower minRetentionDays."),
        (1, "kept for 1 days, fewer than 14; raise retentionInDays or lower minRetentionDays."),
        (401, "kept for 401 days, more than 400; lower retentionInDays or raise maxRetentionDays."),
        (3653.0, "kept for 3,653 days, more than 400; lower retentionInDays or raise maxRetentionDays."),
        (0, "kept, and billed, forever; set retentionInDays to 14 to 400."),
        (None, "kept, and billed, forever; set retentionInDays to 14 to 400."),
        ("nan", "fewer than 14"),
        ("inf", "more than 400"),
    ],
)
def test_a_retention_beyond_a_limit_is_refused(days: object, told: str) -> None:
    (violation,) = violations(RETENTION, resource(LOG_GROUP, "log", retentionInDays=days))
    assert violation.startswith("log: its logs are kept")
    assert told in violation


@pytest.mark.parametrize(("days", "fits"), [(6, False), (7, True), (30, True), (31, False)])
def test_a_stack_sets_limits_of_its_own(days: int, fits: bool) -> None:
    log_group = resource(LOG_GROUP, retentionInDays=days)
    assert passes(RETENTION, log_group, minRetentionDays=7, maxRetentionDays=30) is fits


@pytest.mark.parametrize("days", [UNKNOWN, "a month", True, []])
def test_a_retention_that_cannot_be_read_is_refused(days: object) -> None:
    (told,) = violations(RETENTION, resource(LOG_GROUP, retentionInDays=days))
    assert "retentionInDays is n" in told


def test_a_log_group_whose_retention_is_set_by_aws_is_not_evaluated() -> None:
    found = said(RETENTION, resource(LOG_GROUP, logGroupClass="DELIVERY"))
    assert (found.outcome, found.reason) == (
        Outcome.NOT_APPLICABLE,
        "AWS sets the retention of the class DELIVERY itself",
    )
    assert violations(RETENTION, resource(LOG_GROUP, logGroupClass="INFREQUENT_ACCESS"))
    assert violations(RETENTION, resource(LOG_GROUP, logGroupClass=UNKNOWN, retentionInDays=30))
