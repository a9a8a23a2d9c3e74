from guardrails.aws.types import QUEUE, TOPIC
from guardrails.plan import UNKNOWN, Plan
from tests.policies.plans import resource

OUTER = resource("a:b:Outer", "outer")
INNER = resource("a:b:Inner", "inner", parent=OUTER)
MINE = resource(QUEUE, "queue", parent=INNER)
TOPICS = [resource(TOPIC, "first"), resource(TOPIC, "second")]


def test_resources_are_found_by_type_in_their_order() -> None:
    plan = Plan.of([TOPICS[0], MINE, TOPICS[1]])
    assert plan.of_type(TOPIC) == TOPICS
    assert plan.of_type(TOPIC, QUEUE) == [TOPICS[0], MINE, TOPICS[1]]
    assert plan.of_type() == []


def test_ancestors_are_listed_from_the_nearest() -> None:
    assert list(Plan.of([MINE, INNER, OUTER]).ancestors(MINE)) == [INNER, OUTER]
    assert list(Plan.of([MINE], [INNER, OUTER]).ancestors(MINE)) == [INNER, OUTER]
    assert list(Plan.of([MINE, INNER]).ancestors(MINE)) == [INNER]
    assert list(Plan.of([MINE]).ancestors(MINE)) == []


def test_a_component_is_known_by_the_inputs_that_it_was_given() -> None:
    given = resource("a:b:Inner", "inner", bounds={"items": 3})
    assert list(Plan.of([MINE, INNER], [given]).ancestors(MINE)) == [given]


def test_an_unknown_value_is_formatted_as_unknown() -> None:
    assert f"{UNKNOWN}" == "UNKNOWN"
