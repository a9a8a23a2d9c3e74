from guardrails.assessment import assess
from guardrails.aws.types import QUEUE, STACK
from guardrails.ledger import Ledger
from guardrails.plan import Plan
from guardrails.rules import RULES
from tests.policies.plans import breaches, passes, resource, rule

LOOKED = rule("rules-assessed-everything")
OF_QUEUES = [one for one in RULES if QUEUE in one.judges]


def test_a_plan_of_nothing_that_is_judged_passes() -> None:
    assert passes(LOOKED, resource(STACK), resource("aws:iam/user:User"))


def test_each_rule_that_was_not_asked_is_told() -> None:
    told = breaches(LOOKED, resource(STACK, "ours"), resource(QUEUE, "mine"))
    assert [breach.partition(" was ")[0] for breach in told] == [f"ours: {one.name}" for one in OF_QUEUES]
    assert all("0 of the 1 resources that it judges, not about mine" in breach for breach in told)


def test_no_more_than_five_resources_are_named() -> None:
    queues = [resource(QUEUE, f"q{n}") for n in range(7)]
    (told, *_) = breaches(LOOKED, resource(STACK), *queues)
    assert "0 of the 7" in told
    assert "q0, q1, q2, q3, q4;" in told


def test_what_was_asked_or_switched_off_is_not_told() -> None:
    stack, queue = resource(STACK), resource(QUEUE)
    plan, (off, *others) = Plan.of([stack, queue]), OF_QUEUES
    ledger = Ledger(disabled=frozenset({off.name}))
    for one in others:
        assess(one, queue, plan, ledger)
    assert assess(LOOKED, stack, plan, ledger).breaches == ()
