from collections.abc import Iterator
from typing import Any

import pytest

from guardrails.evaluation import evaluate
from guardrails.plan import Plan
from guardrails.properties import PropertyError
from guardrails.results import Evaluation, Outcome, Results
from guardrails.rule import Level, Limit, NotApplicableError, Rule, Scope, Severity, Subject
from tests.policies.plans import resource

IT = resource("aws:sqs/queue:Queue")


def ask(judge: Any, results: Results | None = None, **limits: Any) -> Evaluation:
    rule = Rule(
        name="queue-short",
        requirement="A queue is short.",
        rationale="It does not matter here.",
        severity=Severity.LOW,
        level=Level.MANDATORY,
        remediation="Make it short.",
        url="https://docs.aws.amazon.com/",
        scope=Scope.RESOURCE,
        resource_types=frozenset({IT.type}),
        evaluate=judge,
        limits=(Limit(key="maxLength", description="The longest.", default=3, schema={"type": "integer"}),),
    )
    return evaluate(rule, IT, Plan.of([IT]), Results() if results is None else results, limits or None)


def saying(*sentences: str, then: Exception | None = None) -> Any:
    def judge(_: Subject) -> Iterator[str]:
        yield from sentences
        if then is not None:
            raise then

    return judge


def test_a_rule_that_finds_nothing_passes() -> None:
    assert ask(saying()).outcome is Outcome.PASSED


def test_every_violation_is_reported_once_with_the_resources_name() -> None:
    found = ask(saying("a.", "b.", "a."))
    assert (found.outcome, found.violations) == (Outcome.VIOLATED, ("it: a.", "it: b."))


def test_a_rule_that_is_not_applicable_gives_its_reason() -> None:
    found = ask(saying(then=NotApplicableError("it is not ours")))
    assert (found.outcome, found.reason, found.violations) == (Outcome.NOT_APPLICABLE, "it is not ours", ())


def test_a_breach_before_it_turned_out_not_applicable_is_kept() -> None:
    found = ask(saying("a.", then=NotApplicableError("the rest is not")))
    assert (found.outcome, found.violations) == (Outcome.VIOLATED, ("it: a.",))


def test_a_property_that_cannot_be_read_is_one_more_breach() -> None:
    found = ask(saying("a.", then=PropertyError("length is not a number; write one")))
    assert found.violations == ("it: a.", "it: length is not a number; write one.")


@pytest.mark.parametrize("error", [KeyError("sk-live"), ValueError("sk-live"), RecursionError("sk-live")])
def test_a_rule_that_raises_an_error_is_a_violation_and_keeps_its_earlier_ones(error: Exception) -> None:
    found = ask(saying("a.", then=error))
    assert found.violations[0] == "it: a."
    assert f"({type(error).__name__} in test_evaluation.py:" in found.violations[1]
    assert "sk-live" not in found.violations[1]


def test_a_rule_that_is_no_generator_may_break_too() -> None:
    assert ask(lambda _: None).outcome is Outcome.VIOLATED


def test_evaluations_and_limits_are_recorded_in_the_results() -> None:
    results = Results()
    found = ask(saying("a."), results)
    assert results.of_rule("queue-short") == [found]
    assert results.of_rule("queue-long") == []
    assert results.limits == {"queue-short": {"maxLength": 3}}


def test_a_limit_that_is_given_replaces_the_default() -> None:
    seen: list[Any] = []

    def judge(subject: Subject) -> Iterator[str]:
        seen.append(subject.limits["maxLength"])
        yield from ()

    ask(judge)
    ask(judge, maxLength=9)
    assert seen == [3, 9]


def test_half_of_a_surrogate_pair_in_a_message_is_escaped() -> None:
    assert ask(saying("\ud800 is too long.")).violations == (r"it: \ud800 is too long.",)
