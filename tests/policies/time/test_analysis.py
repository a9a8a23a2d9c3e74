from typing import Any

import pytest

from guardrails.time.analysis import analyse
from guardrails.time.bounds import Bounds
from guardrails.time.report import as_json, time_sentence

Json = dict[str, Any]

ACTIVITY = "arn:aws:states:us-east-1:123456789012:activity:by-hand"


def machine(**states: Any) -> Json:
    return {"StartAt": next(iter(states)), "States": states}


def task(**fields: Any) -> Json:
    work = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "TimeoutSeconds": 60, **fields}
    return work if "Next" in work else {**work, "End": True}


def without(fields: Json, key: str) -> Json:
    return {name: value for name, value in fields.items() if name != key}


def retrier(**fields: Any) -> Json:
    return {"ErrorEquals": ["States.ALL"], **fields}


def map_of(item: Json, **fields: Any) -> Json:
    return {"Type": "Map", "ItemProcessor": machine(Item=item), "End": True, **fields}


def seconds(definition: Json, **bounds: Any) -> float | None:
    return analyse(definition, Bounds(**bounds)).worst_case_seconds


def reasons(definition: Any, **bounds: Any) -> dict[str | None, str]:
    return {found.state: found.reason for found in analyse(definition, Bounds(**bounds)).unbounded}


def test_a_task_takes_its_timeout() -> None:
    assert seconds(machine(Work=task())) == 60


def test_a_retrier_without_numbers_waits_one_two_and_four_seconds() -> None:
    assert seconds(machine(Work=task(Retry=[retrier()]))) == 4 * 60 + 1 + 2 + 4


def test_a_retrier_with_no_attempts_adds_nothing() -> None:
    assert seconds(machine(Work=task(Retry=[retrier(MaxAttempts=0)]))) == 60


def test_every_retrier_adds_its_own_attempts_and_waits() -> None:
    retry = [retrier(MaxAttempts=1, IntervalSeconds=10), retrier(MaxAttempts=2, IntervalSeconds=5)]
    assert seconds(machine(Work=task(Retry=retry))) == 4 * 60 + 10 + 5 + 10


def test_the_longest_delay_cuts_a_wait() -> None:
    retry = [retrier(MaxAttempts=3, IntervalSeconds=30, MaxDelaySeconds=50)]
    assert seconds(machine(Work=task(Retry=retry))) == 4 * 60 + 30 + 50 + 50


def test_full_jitter_counts_as_the_whole_wait() -> None:
    retry = [retrier(MaxAttempts=1, IntervalSeconds=8, JitterStrategy="FULL")]
    assert seconds(machine(Work=task(Retry=retry))) == 2 * 60 + 8


def test_a_heartbeat_bounds_no_duration() -> None:
    assert seconds(machine(Work=task(HeartbeatSeconds=10))) == 60
    assert (
        "no TimeoutSeconds"
        in reasons(machine(Work=without(task(HeartbeatSeconds=10), "TimeoutSeconds")))["Work"]
    )


@pytest.mark.parametrize(
    "resource", ["arn:aws:states:::sns:publish", "arn:aws:states:::aws-sdk:ssm:getParameter"]
)
def test_a_request_without_a_timeout_is_unbounded_like_every_task(resource: str) -> None:
    definition = machine(Work=without(task(Resource=resource), "TimeoutSeconds"))
    assert seconds(definition) is None
    assert "write one" in reasons(definition)["Work"]


def test_an_activity_waits_for_its_worker_whatever_its_timeout() -> None:
    assert "only from then" in reasons(machine(Work=task(Resource=ACTIVITY)))["Work"]


def test_a_timeout_of_constant_arithmetic_is_known() -> None:
    assert seconds(machine(Work=task(TimeoutSeconds="{% 60 * (5 - 1) %}"))) == 240


@pytest.mark.parametrize(
    "work",
    [
        task(TimeoutSeconds="{% $states.input.seconds %}"),
        without(task(TimeoutSecondsPath="$.seconds"), "TimeoutSeconds"),
        {"Type": "Wait", "SecondsPath": "$.seconds", "End": True},
        {"Type": "Wait", "Seconds": "{% $seconds %}", "End": True},
        {"Type": "Wait", "TimestampPath": "$.at", "End": True},
        {"Type": "Wait", "Timestamp": "2026-01-01T00:00:00Z", "End": True},
    ],
)
def test_seconds_known_only_at_run_time_are_unbounded_unless_declared(work: Json) -> None:
    assert "declare its bound" in reasons(machine(Work=work))["Work"]
    assert seconds(machine(Work=work), seconds_of={"Work": 7}) == 7


def test_a_declaration_does_not_replace_a_missing_timeout() -> None:
    assert seconds(machine(Work=without(task(), "TimeoutSeconds")), seconds_of={"Work": 7}) is None


@pytest.mark.parametrize("value", [0, -1, 1.5, True, "60", None, [], {}, 10**400, 100_000_000, float("nan")])
def test_a_timeout_that_aws_refuses_bounds_nothing(value: Any) -> None:
    assert "whole number from 1 to 99,999,999" in reasons(machine(Work=task(TimeoutSeconds=value)))["Work"]


@pytest.mark.parametrize(
    "retry",
    [
        {},
        [1],
        [{}],
        [retrier(MaxAttempts=-1)],
        [retrier(IntervalSeconds=0)],
        [retrier(BackoffRate=0.5)],
        [retrier(MaxDelaySeconds=0)],
        [retrier(MaxAttempts=99_999_999)],
    ],
)
def test_a_retrier_with_unknown_fields_bounds_nothing(retry: Any) -> None:
    assert seconds(machine(Work=task(Retry=retry))) is None
    assert "write" in reasons(machine(Work=task(Retry=retry)))["Work"]


def test_a_caught_failure_costs_its_whole_time_and_then_its_way() -> None:
    definition = machine(
        Work=task(Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Mend"}], Next="Done"),
        Mend=task(TimeoutSeconds=100),
        Done={"Type": "Succeed"},
    )
    analysis = analyse(definition)
    assert analysis.worst_case_seconds == 60 + 100
    assert [step.state for step in analysis.path] == ["Work", "Mend"]


def test_a_choice_takes_its_slowest_path() -> None:
    definition = machine(
        Which={
            "Type": "Choice",
            "Choices": [{"Variable": "$.a", "IsNull": True, "Next": "Fast"}],
            "Default": "Slow",
        },
        Fast=task(TimeoutSeconds=1),
        Slow=task(TimeoutSeconds=2),
    )
    assert seconds(definition) == 2


def test_a_state_that_is_never_reached_takes_nothing() -> None:
    assert seconds(machine(Work=task(), Forgotten=without(task(), "TimeoutSeconds"))) == 60


def test_a_parallel_takes_its_slowest_branch_in_each_of_its_attempts() -> None:
    branches = [machine(A=task(TimeoutSeconds=10)), machine(B=task(TimeoutSeconds=30))]
    both = {"Type": "Parallel", "Branches": branches, "Retry": [retrier(MaxAttempts=1)], "End": True}
    assert seconds(machine(Both=both)) == 2 * 30 + 1


def test_a_map_takes_rounds_of_its_concurrency() -> None:
    assert seconds(machine(Each=map_of(task(), Items=[1, 2, 3, 4, 5], MaxConcurrency=2))) == 3 * 60


def test_a_map_is_retried_as_a_whole() -> None:
    each = map_of(task(), Items=[1, 2], MaxConcurrency=1, Retry=[retrier(MaxAttempts=2, IntervalSeconds=3)])
    assert seconds(machine(Each=each)) == 3 * 2 * 60 + 3 + 6


@pytest.mark.parametrize(("items", "rounds"), [(0, 0), (1, 1), (40, 1), (41, 2)])
def test_an_inline_map_runs_at_most_forty_items_at_once(items: int, rounds: int) -> None:
    for concurrency in (0, 1000):
        definition = machine(Each=map_of(task(), Items=[0] * items, MaxConcurrency=concurrency))
        assert seconds(definition) == rounds * 60


@pytest.mark.parametrize(("items", "rounds"), [(10_000, 1), (10_001, 2)])
def test_a_distributed_map_runs_at_most_ten_thousand_items_at_once(items: int, rounds: int) -> None:
    each = map_of(task())
    each["ItemProcessor"]["ProcessorConfig"] = {"Mode": "DISTRIBUTED"}
    assert seconds(machine(Each=each), items=items) == rounds * 60


def test_an_express_execution_of_an_item_ends_after_five_minutes_and_says_so() -> None:
    each = map_of(task(TimeoutSeconds=900), Items=[1, 2, 3], MaxConcurrency=2)
    each["ItemProcessor"]["ProcessorConfig"] = {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}
    analysis = analyse(machine(Each=each))
    assert analysis.worst_case_seconds == 2 * 300
    assert analysis.path[0].arithmetic == (
        "2 rounds × 300 s (3 items, 2 at once; an Express execution ends after 300 s)"
    )


@pytest.mark.parametrize("fields", [{"MaxConcurrencyPath": "$.n"}, {"MaxConcurrency": "{% $n %}"}])
def test_a_concurrency_known_only_at_run_time_may_be_one(fields: Json) -> None:
    assert seconds(machine(Each=map_of(task(), Items=[1, 2, 3], **fields))) == 3 * 60


@pytest.mark.parametrize(
    "fields",
    [{"ItemsPath": "$.regions"}, {"Items": "{% $regions %}"}, {}, {"ItemReader": {"Resource": "s3"}}],
)
def test_items_known_only_at_run_time_are_unbounded_unless_declared(fields: Json) -> None:
    definition = machine(Each=map_of(task(), MaxConcurrency=2, **fields))
    assert "declare" in reasons(definition)["Each"]
    assert seconds(definition, items=5) == 3 * 60
    assert seconds(definition, items=5, items_of={"Each": 2}) == 60


def test_written_items_count_whatever_is_declared() -> None:
    assert seconds(machine(Each=map_of(task(), Items=[1, 2], MaxConcurrency=1)), items=9) == 2 * 60


def test_items_that_an_expression_writes_out_count_whatever_is_declared() -> None:
    each = map_of(task(), Items="{% ['north', 'south', 'east'] %}", MaxConcurrency=1)
    assert seconds(machine(Each=each), items=9) == 3 * 60


def test_a_reader_is_bound_by_its_most_items() -> None:
    each = map_of(task(), MaxConcurrency=1, ItemReader={"ReaderConfig": {"MaxItems": 3}})
    assert seconds(machine(Each=each)) == 3 * 60


def test_the_former_name_of_a_processor_is_understood() -> None:
    each = {"Type": "Map", "Iterator": machine(Item=task()), "MaxConcurrency": 1, "End": True}
    assert seconds(machine(Each=each), items=2) == 2 * 60


def test_an_unbounded_state_inside_a_map_is_named() -> None:
    definition = machine(Each=map_of(without(task(), "TimeoutSeconds"), Items=[1]))
    assert reasons(definition).keys() == {"Item"}


def test_a_machine_s_own_timeout_stands_beside_and_is_not_mixed_in() -> None:
    loop = machine(Again=task(Next="Again")) | {"TimeoutSeconds": 100}
    analysis = analyse(loop)
    assert (analysis.worst_case_seconds, analysis.timeout_seconds) == (None, 100)


@pytest.mark.parametrize(("timeout", "within"), [(59, False), (60, True), (61, True), (None, True)])
def test_the_worst_case_may_reach_the_timeout_and_no_more(timeout: int | None, within: bool) -> None:
    definition = machine(Work=task()) | ({"TimeoutSeconds": timeout} if timeout else {})
    assert analyse(definition).is_within_timeout is within


@pytest.mark.parametrize(
    ("work", "timeout", "sentence"),
    [
        (
            60,
            None,
            "The states take at most 60 s, within the limit of 300 s of an Express execution by 240 s.",
        ),
        (60, 90, "The states take at most 60 s, within the machine's timeout of 90 s by 30 s."),
        (None, None, "The states have no bound, only the limit of 300 s of an Express execution ends them."),
    ],
)
def test_the_report_on_an_express_execution_names_its_limit(
    work: int | None, timeout: int | None, sentence: str
) -> None:
    definition = machine(Work=task(TimeoutSeconds=work)) | ({"TimeoutSeconds": timeout} if timeout else {})
    assert time_sentence(analyse(definition, is_express=True)) == sentence


def test_a_machine_s_timeout_that_aws_refuses_is_no_timeout() -> None:
    analysis = analyse(machine(Work=task()) | {"TimeoutSeconds": "1 h"})
    assert analysis.timeout_seconds is None
    assert not analysis.is_bounded


@pytest.mark.parametrize(
    ("definition", "state", "word"),
    [
        ([], None, "not an object"),
        ({"StartAt": "A"}, None, "States"),
        ({"StartAt": "B", "States": {"A": {"Type": "Succeed"}}}, None, "StartAt"),
        (machine(A=1), "A", "not an object"),
        (machine(A={"Type": "Sleep"}), "A", "Type"),
        (machine(A={"Type": ["Task"]}), "A", "Type"),
        (machine(A={"Type": "Pass"}), "A", "neither Next nor End"),
        (machine(A={"Type": "Pass", "Next": "B"}), "A", "does not exist"),
        (machine(A={"Type": "Pass", "Next": 1}), "A", "Next"),
        (machine(A={"Type": "Pass", "Assign": 1, "Next": "B"}, B={"Type": "Succeed"}), "A", "Assign"),
        (machine(A={"Type": "Choice"}), "A", "Choices"),
        (machine(A={"Type": "Wait", "End": True}), "A", "exactly one"),
        (machine(A={"Type": "Parallel", "End": True}), "A", "Branches"),
        (machine(A={"Type": "Map", "Items": [1], "End": True}), "A", "not an object"),
        (machine(A=task(Catch={})), "A", "Catch"),
        (machine(A=map_of(task(), Items=1)), "A", "Items"),
        (machine(A=map_of(task(), Items=[1], MaxConcurrency=-1)), "A", "MaxConcurrency"),
    ],
)
def test_a_definition_that_aws_would_refuse_is_unbounded_with_a_reason(
    definition: Any, state: str | None, word: str
) -> None:
    assert word in reasons(definition)[state]
    assert seconds(definition) is None


def test_transitions_are_entries_and_retries() -> None:
    each = map_of(task(Retry=[retrier(MaxAttempts=2)]), Items=[1, 2])
    transitions = analyse(machine(Before={"Type": "Pass", "Next": "Each"}, Each=each)).transitions
    assert (transitions.expected, transitions.worst) == (1 + 1 + 2, 1 + 1 + 2 * 3)


def test_events_are_counted_as_a_history_shows_them() -> None:
    # Execution 2; Map state 2, attempt 2; each of 2 items 2, and its task 2, scheduled, started and ended three times.
    definition = machine(Each=map_of(task(Retry=[retrier(MaxAttempts=2)]), Items=[1, 2]))
    assert analyse(definition).history_events == 2 + 2 + 2 + 2 * (2 + 2 + 3 * 3)


def test_a_task_that_is_waited_for_is_also_submitted() -> None:
    events = [
        analyse(machine(Work=task(Resource=f"arn:aws:states:::ecs:runTask{suffix}"))).history_events
        for suffix in ("", ".sync", ".waitForTaskToken")
    ]
    assert events == [7, 8, 8]


@pytest.mark.parametrize(("items", "events"), [(0, 8), (1, 2 + 5 * 2)])
def test_an_item_of_a_distributed_map_has_a_history_of_its_own(items: int, events: int) -> None:
    item = machine(
        **{f"S{n}": {"Type": "Pass", "Next": f"S{n + 1}"} for n in range(4)}, S4={"Type": "Succeed"}
    )
    item["ProcessorConfig"] = {"Mode": "DISTRIBUTED"}
    each = {"Type": "Map", "Items": [0] * items, "ItemProcessor": item, "End": True}
    assert analyse(machine(Each=each)).history_events == events


def test_json_has_the_timeout_that_a_machine_gives_itself_and_no_other() -> None:
    definition = machine(Work=task())
    assert as_json(analyse(definition, is_express=True))["timeout_seconds"] is None
    assert as_json(analyse({**definition, "TimeoutSeconds": 60}, is_express=True))["timeout_seconds"] == 60
