import json
from collections.abc import Callable, Iterator

import pytest

from docs import planted_mistakes
from guardrails.evaluation import evaluate
from guardrails.plan import Plan
from guardrails.results import Evaluation, Outcome, Results
from guardrails.rules import RULES
from tests.policies.bad_plans.good_plan import Pipeline, good_pipeline, linked, plan_of
from tests.policies.bad_plans.mutations import FAULTS, Mutation

Link = Callable[[Pipeline], Pipeline]

CASES = [
    pytest.param(rule, mutate, id=mutate.__name__)
    for rule, mutations in FAULTS.items()
    for mutate in mutations
]


def by_name(pipeline: Pipeline) -> Pipeline:
    return pipeline


# The same plan from a program that builds names itself, and from one that passes outputs of other resources.
links = pytest.mark.parametrize("link", [by_name, linked])

# The age of prices is not a fault of a plan.
A_MATTER_OF_THE_DAY = "prices-fresh"
ASKED = [rule for rule in RULES if rule.name != A_MATTER_OF_THE_DAY]

# By default no tag is required.
LIMITS = {"tags-required": {"requiredTags": ["Project", "Environment"]}}

# The types that the good plan does not contain.
NOT_APPLICABLE = {
    (
        "machine-timeout-within-period",
        "stopped-rule",
    ): "its targets are started by events and not by a schedule",
    (
        "machine-timeout-within-period",
        "upload-rule",
    ): "its targets are started by events and not by a schedule",
    ("subscription-not-chat-webhook", "news-mail"): "its protocol is email, not https",
    ("subscription-not-chat-webhook", "reporter-events"): "its protocol is lambda, not https",
    ("subscription-may-invoke-function", "news-mail"): "its protocol is email, not lambda",
    ("task-reaches-registry", "start"): "it starts no task whose network is in the plan",
    ("task-reaches-registry", "upload-target"): "it starts no task whose network is in the plan",
    ("task-capacity-provided", "start"): "it starts no task",
    ("task-capacity-provided", "upload-target"): "it starts no task",
    ("policy-not-public", "lost-starts"): "it has no policy of its own",
    ("policy-not-public", "news"): "it has no policy of its own",
    ("alarm-in-unit-of-metric", "few-tiles"): "the unit of its metric is not listed in this pack",
    **{
        ("named-resource-exists", name): "it names no other resource that this rule compares"
        for name in ("lost-starts", "news-mail", "reporter-events", "stopped-rule", "upload-rule")
    },
    ("policy-admits-senders", "reporter"): "no service delivers to it in its own name",
}


def asked(plan: Plan) -> Iterator[Evaluation]:
    """Evaluate every rule for all its resources, as the pack does."""
    results = Results(disabled=frozenset({A_MATTER_OF_THE_DAY}))
    for rule in ASKED:
        for resource in plan.of_type(*rule.resource_types):
            yield evaluate(rule, resource, plan, results, LIMITS.get(rule.name))


@links
def test_every_rule_evaluates_the_valid_plan_without_a_violation(link: Link) -> None:
    found = list(asked(plan_of(link(good_pipeline()))))
    assert [one.violations for one in found if one.outcome is Outcome.VIOLATED] == []
    assert {one.rule for one in found} == {rule.name for rule in ASKED}
    assert {
        (one.rule, one.urn.rpartition("::")[2]): one.reason
        for one in found
        if one.outcome is Outcome.NOT_APPLICABLE
    } == NOT_APPLICABLE


@links
@pytest.mark.parametrize(("rule", "mutate"), CASES)
def test_a_fault_violates_the_rule_that_is_meant_for_it(rule: str, mutate: Mutation, link: Link) -> None:
    pipeline = good_pipeline()
    mutate(pipeline)
    refused = [one for one in asked(plan_of(link(pipeline))) if one.outcome is Outcome.VIOLATED]
    assert {one.rule for one in refused} == {rule}, [one.violations for one in refused]


def test_every_rule_has_a_fault() -> None:
    # Without limits of a stack no form of a placeholder is known.
    assert set(FAULTS) == {rule.name for rule in ASKED} - {
        "rules-assessed-everything",
        "placeholders-replaced",
    }


def test_the_documentation_lists_the_faults_by_rule(update_golden: bool) -> None:
    by_rule = {rule: [mutate.__name__ for mutate in mutations] for rule, mutations in FAULTS.items()}
    if update_golden:
        planted_mistakes.FILE.write_text(f"{json.dumps(by_rule, indent=2)}\n", encoding="utf-8")
    assert planted_mistakes.planted() == by_rule
    assert planted_mistakes.count(by_rule) == len(CASES)
    for rule, mistakes in by_rule.items():
        (line,) = (
            line
            for line in planted_mistakes.section().splitlines()
            if line.startswith(f"| [{rule}](#{rule}) ")
        )
        assert line.startswith(f"| [{rule}](#{rule}) | {len(mistakes)} | ")


def test_each_fault_changes_the_plan() -> None:
    mutations = [mutate for of_rule in FAULTS.values() for mutate in of_rule]
    assert [mutate.__name__ for mutate in mutations if not _changes(mutate)] == []


def _changes(mutate: Mutation) -> bool:
    pipeline = good_pipeline()
    mutate(pipeline)
    return pipeline != good_pipeline()
