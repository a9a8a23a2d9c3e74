from dataclasses import replace
from typing import Any

import pytest

from guardrails.aws.types import EVENT_TARGET
from guardrails.cost.for_rules import PRICES_KNOWN, RUNS_A_MONTH
from guardrails.evaluation import evaluate
from guardrails.plan import UNKNOWN, Plan, Resource
from guardrails.results import Outcome, Results
from guardrails.rules import RULES
from tests.policies.cost.machines import EAST, WORKER, component, machine_in, run_task, schedule_of
from tests.policies.plans import passes, resource, rule, said, violations

COST = rule("run-cost-worst-within-limit")
SIZE = rule("task-size-within-limit")
RUNS = rule("runs-per-month-within-limit")
AGAIN = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 2}]


def pipeline(parent: Resource | None = None, **changes: Any) -> Resource:
    """Return a machine that runs 2 vCPU and 4 GB for 2 hours at most: 0.19748 and a transition of 0.000025."""
    found = machine_in(parent, "pipeline", Work=run_task(**changes))
    return replace(found, properties={**found.properties, "name": "pipeline"})


@pytest.mark.parametrize(("limit", "is_within"), [("0.19", False), ("0.20", True), ("1.00", True)])
def test_the_worst_run_is_held_against_the_limit(limit: str, is_within: bool) -> None:
    assert passes(COST, pipeline(), WORKER, maxRunUsd=limit) is is_within


def test_the_message_names_the_amount_the_limit_the_largest_costs_and_the_remedy() -> None:
    (violation,) = violations(COST, pipeline(Retry=AGAIN), WORKER, maxRunUsd="0.50")
    assert "costs up to $0.59 in the worst case, more than $0.50" in violation
    assert "Work (AWS Fargate) $0.59" in violation
    assert "TimeoutSeconds, Retry, Cpu or Memory" in violation
    assert "maxRunUsd" in violation


def test_the_limit_itself_passes() -> None:
    # A machine of one transition costs 0.000025, and nothing is rounded before it is compared.
    machine = machine_in(None, Done={"Type": "Succeed"})
    assert passes(COST, machine, maxRunUsd="0.000025")
    assert violations(COST, machine, maxRunUsd="0.000024")


def test_a_call_at_an_unknown_price_is_refused() -> None:
    crunch = {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun.sync", "TimeoutSeconds": 60}
    (violation,) = violations(COST, machine_in(None, Crunch={**crunch, "Arguments": {}, "End": True}))
    assert (
        "Crunch depends on the price of glue:startJobRun, which the model does not know; refresh" in violation
    )


def test_a_task_definition_outside_of_the_plan_is_refused() -> None:
    (violation,) = violations(COST, pipeline())
    assert "Work depends on a task definition that is not in the plan" in violation


def test_a_size_that_is_not_known_yet_is_refused() -> None:
    unknown = replace(WORKER, properties={**WORKER.properties, "cpu": UNKNOWN})
    assert "cpu is not known" in violations(COST, pipeline(), unknown)[0]


def test_a_definition_that_is_not_known_yet_is_refused() -> None:
    unknown = resource(pipeline().type, definition=UNKNOWN, region="us-east-1")
    assert violations(COST, unknown)


def test_the_rule_does_not_apply_to_a_machine_with_unbounded_states() -> None:
    found = said(COST, pipeline(timeout=None), WORKER)
    assert (found.outcome, "machine-states-bounded" in found.reason) == (Outcome.NOT_APPLICABLE, True)


def test_the_rule_does_not_apply_to_a_machine_that_another_rule_has_refused() -> None:
    machine = pipeline(arguments={"Overrides": {"Cpu": "{% $cpu %}"}})
    plan, results = Plan.of([machine, WORKER]), Results()
    assert evaluate(COST, machine, plan, results).outcome is Outcome.VIOLATED
    evaluate(rule("override-size-valid"), machine, plan, results)
    results.evaluations.pop((COST.name, machine.urn))
    found = evaluate(COST, machine, plan, results)
    assert (found.outcome, "override-size-valid" in found.reason) == (Outcome.NOT_APPLICABLE, True)


def test_without_prices_it_is_left_to_the_rule_about_them() -> None:
    nowhere = replace(pipeline(), provider={})
    found = said(COST, nowhere, WORKER)
    assert (found.outcome, PRICES_KNOWN in found.reason) == (Outcome.NOT_APPLICABLE, True)


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"maxCpuUnits": 2048, "maxMemoryMib": 4096}, []),
        ({"maxCpuUnits": 1024, "maxMemoryMib": 8192}, ["2,048 CPU units, more than 1,024", "maxCpuUnits"]),
        ({"maxCpuUnits": 2048, "maxMemoryMib": 4095}, ["4,096 MiB, more than 4,095", "maxMemoryMib"]),
    ],
)
def test_a_task_larger_than_agreed_is_refused(limits: dict[str, int], words: list[str]) -> None:
    found = violations(SIZE, pipeline(), WORKER, **limits)
    assert len(found) == bool(words)
    assert all(word in found[0] for word in words)


def test_both_of_cpu_and_memory_are_reported() -> None:
    assert len(violations(SIZE, pipeline(), WORKER, maxCpuUnits=256, maxMemoryMib=512)) == 2


def test_the_largest_attempt_counts() -> None:
    later = {
        key: f"{{% $states.context.State.RetryCount < 3 ? '{first}' : '{later}' %}}"
        for key, first, later in (("Cpu", 2048, 4096), ("Memory", 4096, 8192))
    }
    machine = pipeline(arguments={"Overrides": later})
    assert passes(SIZE, machine, WORKER, maxCpuUnits=4096, maxMemoryMib=8192)
    assert violations(SIZE, machine, WORKER, maxCpuUnits=2048, maxMemoryMib=8192)


def test_a_machine_without_tasks_has_no_size() -> None:
    assert said(SIZE, machine_in(None, Done={"Type": "Succeed"})).outcome is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("expression", "limits", "is_within"),
    [
        ("cron(0 6 ? * MON *)", {"maxRunsPerMonth": 4.9}, False),
        ("cron(0 6 ? * MON *)", {"maxRunsPerMonth": 5}, True),
        ("cron(0 6 1 * ? *)", {"maxRunsPerMonth": 1}, True),
        ("cron(0 6 * * ? *)", {}, True),
        ("cron(0 6 * * ? *)", {"maxRunsOf": {"pipeline": 5}}, False),
        ("rate(1 minute)", {}, False),
    ],
)
def test_runs_are_held_against_the_limit(expression: str, limits: dict[str, Any], is_within: bool) -> None:
    machine = pipeline()
    assert passes(RUNS, machine, WORKER, schedule_of(machine, expression), **limits) is is_within


def test_the_message_names_the_starters_and_the_cost() -> None:
    machine = pipeline()
    (violation,) = violations(
        RUNS, machine, WORKER, schedule_of(machine, "cron(0 6 * * ? *)"), maxRunsPerMonth=5
    )
    assert "runs 31 times in its busiest month (weekly 31), more than 5" in violation
    # 31 x 0.197505
    assert "$6.12 a month: Work (AWS Fargate) $6.12" in violation
    assert "maxRunsOf" in violation


def test_a_schedule_that_is_switched_off_counts_as_if_it_were_on() -> None:
    machine = pipeline()
    off = schedule_of(machine, "rate(1 minute)", state="DISABLED")
    assert violations(RUNS, machine, WORKER, off)


def test_unknown_starts_are_refused_until_they_are_declared() -> None:
    arn = "arn:aws:states:us-east-1:111122223333:stateMachine:pipeline"
    events = resource(EVENT_TARGET, "uploads", provider=EAST, arn=arn, rule="uploads")
    (violation,) = violations(RUNS, pipeline(), WORKER, events)
    assert "the number of starts a month by the events of uploads is not known" in violation
    assert "expected.starts" in violation
    assert "startsOf" in violation
    assert passes(RUNS, pipeline(), WORKER, events, startsOf={"pipeline": 9})
    declares = component(starts=9)
    assert passes(RUNS, pipeline(declares), WORKER, events, declares)


def test_it_is_evaluated_before_the_rules_that_use_its_starts() -> None:
    names = [one.name for one in RULES]
    assert names.index(RUNS_A_MONTH) < names.index("month-cost-worst-within-limit")
    assert names.index(PRICES_KNOWN) < names.index(RUNS_A_MONTH)
