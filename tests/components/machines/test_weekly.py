import json
from typing import Any

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonata import Jsonata  # type: ignore[import-untyped]

from components.machines import errors
from components.machines.watch.machine import watch_machine
from components.machines.weekly.machine import definition, weekly_machine
from components.machines.weekly.state_names import WeeklyState
from components.settings.names import Names
from components.settings.run import Overlap, Run
from guardrails.time.analysis import analyse
from guardrails.time.bounds import Bounds
from tests.components.machines.definitions import ACTIONS, expressions_in, lint_findings, states_of
from tests.golden_files import golden
from tests.stacks import ENVIRONMENTS, names_of, settings_of

Json = dict[str, Any]


def definition_of(environment: str, **changes: Any) -> Json:
    settings = settings_of(environment, **changes)
    return definition(settings, Names.of(settings))


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_cfn_lint_finds_nothing_wrong(environment: str) -> None:
    assert lint_findings(definition_of(environment)) == []


def test_cfn_lint_would_find_something_wrong() -> None:
    machine = definition_of("local")
    machine["States"][WeeklyState.COMPLETE] = {"Type": "Succeeded"}
    assert lint_findings(machine)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_expression_is_one_of_jsonata(environment: str) -> None:
    for text in expressions_in(definition_of(environment)):
        assert text.startswith("{% ")
        assert text.endswith(" %}")
        Jsonata(text[3:-3])


def test_the_states_have_the_names_that_people_search_logs_for() -> None:
    every_state = definition_of(
        "dev",
        run={"minSucceededRegions": 2},
        schedule={"everyWeeks": 2, "anchorWeek": "2026-11-23"},
    )
    names = [name for name, _ in states_of(every_state)]
    assert len(set(names)) == len(names)
    assert set(names) >= {
        *WeeklyState,
        "LoadSettings",
        "ValidateInputs",
        "RunWeeklyMonitoring",
        "CheckExecutionStatus",
        "ExtractResults",
        "PublishMetrics",
        "ReportOutcome",
        "PublishOutcome",
        "CountUnreported",
        "FailExecution",
    }


def test_states_are_in_the_order_of_a_successful_run() -> None:
    names = [str(name) for name, _ in states_of(definition_of("dev"))]
    good = [
        "LoadSettings",
        "ValidateInputs",
        "RunWeeklyMonitoring",
        "ExtractResults",
        "PublishMetrics",
        "ReportOutcome",
        "Complete",
    ]
    assert sorted(good, key=names.index) == good


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_call_is_bounded_and_caught(environment: str) -> None:
    for name, state in states_of(definition_of(environment)):
        if state["Type"] == "Task":
            assert state["TimeoutSeconds"] > 0, name
            assert state["Catch"][-1]["ErrorEquals"] == ["States.ALL"], name


@pytest.mark.parametrize("step", [WeeklyState.VALIDATE_INPUTS, WeeklyState.RUN_SHARD])
def test_a_worker_is_retried_after_every_error_that_a_retry_may_resolve(step: WeeklyState) -> None:
    state = dict(states_of(definition_of("dev")))[step]
    retried = [error for retrier in state["Retry"] for error in retrier["ErrorEquals"]]
    assert retried == [*errors.COULD_NOT_START, *errors.WAS_LOST]
    assert {"States.HeartbeatTimeout", "States.Timeout"} <= set(retried)


def test_no_error_is_in_two_retriers() -> None:
    assert not set(errors.COULD_NOT_START) & set(errors.WAS_LOST)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_worker_is_lost_by_its_heartbeat_before_its_timeout(environment: str) -> None:
    states = dict(states_of(definition_of(environment)))
    run = settings_of(environment).run
    assert states[WeeklyState.RUN_SHARD]["HeartbeatSeconds"] == run.heartbeat_seconds
    assert states[WeeklyState.RUN_SHARD]["TimeoutSeconds"] == run.task_timeout_seconds
    assert (
        states[WeeklyState.VALIDATE_INPUTS]["HeartbeatSeconds"]
        < states[WeeklyState.VALIDATE_INPUTS]["TimeoutSeconds"]
    )


@pytest.mark.parametrize("overlap", Overlap)
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_guardrails_find_the_worst_case_that_both_machines_derive(
    environment: str, overlap: Overlap
) -> None:
    run = {"overlap": overlap, "timeoutSeconds": 86_000}
    settings = settings_of(
        environment, run={**settings_of(environment).run.model_dump(exclude_defaults=True), **run}
    )
    for machine in (
        weekly_machine(settings, Names.of(settings)),
        watch_machine(settings, Names.of(settings)),
    ):
        analysis = analyse(machine.definition, Bounds(items_of=machine.max_items))
        assert analysis.worst_case_seconds == machine.worst_case_seconds, analysis.unbounded


RUNS = st.builds(
    Run,
    task_timeout_seconds=st.integers(660, 20_000),
    validation_timeout_seconds=st.integers(120, 1_800),
    start_retries=st.integers(0, 10),
    worker_retries=st.integers(0, 5),
)


def worst_case_of(run: Run) -> float:
    settings = settings_of("dev").model_copy(update={"run": run})
    return weekly_machine(settings, names_of("dev")).worst_case_seconds


def waits_of(retries: int, interval_seconds: int) -> int:
    """Return the sum of the waits, each twice the previous one up to the maximum."""
    return sum(min(interval_seconds * 2**attempt, 300) for attempt in range(retries))


def played(run: Run) -> int:
    """Return the seconds that the settings affect: three validations and every attempt, with the waits between them."""
    attempts = 1 + run.start_retries + run.worker_retries
    return (
        3 * run.validation_timeout_seconds
        + attempts * run.task_timeout_seconds
        + waits_of(run.start_retries, 30)
        + waits_of(run.worker_retries, 60)
    )


@given(RUNS)
@hypothesis.settings(max_examples=20, deadline=None)
def test_the_worst_case_grows_with_the_simulated_time(run: Run) -> None:
    assert worst_case_of(run) - worst_case_of(Run()) == played(run) - played(Run())


def test_a_run_that_waits_for_another_one_may_take_longer_and_one_without_the_claim_less() -> None:
    skips, waits, allows = (worst_case_of(Run(overlap=overlap)) for overlap in Overlap)
    assert allows < skips
    assert waits >= skips + Run().overlap_wait_seconds


def test_the_defaults_fit_into_a_run() -> None:
    assert worst_case_of(Run()) <= Run().timeout_seconds


def test_the_machine_runs_as_many_workers_at_once_as_the_settings_say() -> None:
    machine = definition_of("dev", worker={"shards": 5})
    assert machine["States"][WeeklyState.RUN_WEEKLY_MONITORING]["MaxConcurrency"] == 5


@pytest.mark.parametrize("spot", [True, False])
def test_spot_capacity_is_requested_only_by_the_setting(spot: bool) -> None:
    text = json.dumps(definition_of("dev", worker={"spot": spot}))
    assert ("FARGATE_SPOT" in text) is spot


@pytest.mark.parametrize(("ending", "there"), [("succeed", False), ("fail", True)])
def test_an_unreachable_state_is_left_out(ending: str, there: bool) -> None:
    machine = definition_of("dev", run={"onPartialFailure": ending})
    assert (WeeklyState.FAIL_PARTIAL in machine["States"]) is there


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_role_allows_only_the_calls_of_the_states(environment: str) -> None:
    settings = settings_of(environment)
    machine = weekly_machine(settings, Names.of(settings))
    called = {
        state["Resource"].partition(":states:::")[2]
        for _, state in states_of(machine.definition)
        if state["Type"] == "Task"
    }
    allowed = {action for permission in machine.permissions for action in permission.actions}
    assert allowed == set().union(*(ACTIONS[call] for call in called))


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_permissions_on_all_resources_have_a_condition(environment: str) -> None:
    settings = settings_of(environment)
    for permission in weekly_machine(settings, Names.of(settings)).permissions:
        if "*" in permission.resources:
            (operator, key, _value), *_ = permission.condition
            assert (*permission.actions, operator, key) in {
                ("cloudwatch:PutMetricData", "StringEquals", "cloudwatch:namespace"),
                ("ecs:ListTasks", "ArnEquals", "ecs:cluster"),
            }


@pytest.mark.parametrize(
    ("call", "argument", "action", "arn"),
    [
        ("sns:publish", "TopicArn", "sns:Publish", names_of("dev").topic_arn("failure")),
        ("lambda:invoke", "FunctionName", "lambda:InvokeFunction", names_of("dev").reporter_arn),
    ],
)
def test_the_machine_may_use_the_one_topic_and_the_one_function_that_it_names(
    call: str, argument: str, action: str, arn: str
) -> None:
    machine = weekly_machine(settings_of("dev"), names_of("dev"))
    used = {
        state["Arguments"][argument]
        for _, state in states_of(machine.definition)
        if state.get("Resource", "").endswith(f":{call}")
    }
    allowed = {
        resource
        for permission in machine.permissions
        if permission.actions == (action,)
        for resource in permission.resources
    }
    assert used == allowed == {arn}


@pytest.mark.parametrize("region", ["cn-north-1", "us-gov-west-1"])
def test_calls_and_permissions_are_in_the_partition_of_the_region(region: str) -> None:
    settings = settings_of("dev").model_copy(update={"region": region})
    names = Names.of(settings)
    machine = weekly_machine(settings, names)
    text = json.dumps(machine.definition) + json.dumps([p.resources for p in machine.permissions])
    assert "arn:aws:" not in text
    assert f"arn:{names.partition}:states:::" in text


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_definition_is_small_enough_and_holds_nothing_that_is_created(environment: str) -> None:
    text = json.dumps(definition_of(environment), ensure_ascii=False)
    # CreateStateMachine, parameter definition.
    assert len(text) < 1_048_576
    for created in ("subnet-", "sg-", "vpc-", "task-definition/"):
        assert created not in text


def test_the_definition_reads_as_expected(update_golden: bool) -> None:
    generated = json.dumps(definition_of("local"), ensure_ascii=False, indent=2) + "\n"
    assert golden("weekly-machine.local.asl.json", generated, update=update_golden) == generated
