from collections.abc import Iterator
from typing import Any

import pytest

from guardrails.assessment import assess
from guardrails.ledger import Assessment, Ledger, Outcome
from guardrails.plan import Plan
from guardrails.properties import PropertyError
from guardrails.rule import Level, Limit, NotApplicableError, Rule, Scope, Severity, Subject
from tests.policies.plans import resource

IT = resource("aws:sqs/queue:Queue")


def ask(judge: Any, ledger: Ledger | None = None, **limits: Any) -> Assessment:
    rule = Rule(
        name="queue-short",
        requirement="A queue is short.",
        rationale="It does not matter here.",
        severity=Severity.LOW,
        level=Level.MANDATORY,
        remediation="Make it short.",
        url="https://docs.aws.amazon.com/",
        scope=Scope.RESOURCE,
        judges=frozenset({IT.type}),
        judge=judge,
        limits=(Limit(key="maxLength", description="The longest.", default=3, schema={"type": "integer"}),),
    )
    return assess(rule, IT, Plan.of([IT]), Ledger() if ledger is None else ledger, limits or None)


def saying(*sentences: str, then: Exception | None = None) -> Any:
    def judge(_: Subject) -> Iterator[str]:
        yield from sentences
        if then is not None:
            raise then

    return judge


def test_a_rule_that_finds_nothing_passes() -> None:
    assert ask(saying()).outcome is Outcome.PASSED


def test_every_breach_is_told_once_with_the_resources_name() -> None:
    found = ask(saying("a.", "b.", "a."))
    assert (found.outcome, found.breaches) == (Outcome.REFUSED, ("it: a.", "it: b."))


def test_what_is_not_applicable_says_why() -> None:
    found = ask(saying(then=NotApplicableError("it is not ours")))
    assert (found.outcome, found.reason, found.breaches) == (Outcome.NOT_APPLICABLE, "it is not ours", ())


def test_a_breach_before_it_turned_out_not_applicable_is_kept() -> None:
    found = ask(saying("a.", then=NotApplicableError("the rest is not")))
    assert (found.outcome, found.breaches) == (Outcome.REFUSED, ("it: a.",))


def test_a_property_that_cannot_be_read_is_one_more_breach() -> None:
    found = ask(saying("a.", then=PropertyError("length is no number; write one")))
    assert found.breaches == ("it: a.", "it: length is no number; write one.")


@pytest.mark.parametrize("error", [KeyError("sk-live"), ValueError("sk-live"), RecursionError("sk-live")])
def test_a_rule_that_breaks_refuses_and_keeps_what_it_found(error: Exception) -> None:
    found = ask(saying("a.", then=error))
    assert found.breaches[0] == "it: a."
    assert f"({type(error).__name__} in test_assessment.py:" in found.breaches[1]
    assert "sk-live" not in found.breaches[1]


def test_a_rule_that_is_no_generator_may_break_too() -> None:
    assert ask(lambda _: None).outcome is Outcome.REFUSED


def test_what_was_said_and_the_limits_are_taken_down() -> None:
    ledger = Ledger()
    found = ask(saying("a."), ledger)
    assert ledger.of_rule("queue-short") == [found]
    assert ledger.of_rule("queue-long") == []
    assert ledger.limits == {"queue-short": {"maxLength": 3}}


def test_a_limit_that_is_given_replaces_the_default() -> None:
    seen: list[Any] = []

    def judge(subject: Subject) -> Iterator[str]:
        seen.append(subject.limits["maxLength"])
        yield from ()

    ask(judge)
    ask(judge, maxLength=9)
    assert seen == [3, 9]


def test_half_of_a_character_in_what_is_told_is_told_by_its_number() -> None:
    assert ask(saying("\ud800 is too long.")).breaches == (r"it: \ud800 is too long.",)
