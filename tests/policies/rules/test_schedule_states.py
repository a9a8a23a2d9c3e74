from guardrails.aws.types import EVENT_RULE, SCHEDULE
from guardrails.rule import Level
from tests.policies.plans import passes, resource, rule, violations

ENABLED = rule("schedule-enabled")


def test_a_schedule_that_is_on_passes() -> None:
    assert passes(ENABLED, resource(SCHEDULE, scheduleExpression="rate(1 day)"))
    assert passes(ENABLED, resource(SCHEDULE, state="ENABLED"))
    assert passes(ENABLED, resource(EVENT_RULE, state="ENABLED", isEnabled=False))


def test_a_schedule_that_is_off_is_reported_as_an_advice() -> None:
    assert ENABLED.level is Level.ADVISORY
    for about in (
        resource(SCHEDULE, state="DISABLED"),
        resource(EVENT_RULE, state="DISABLED"),
        resource(EVENT_RULE, isEnabled=False),
    ):
        (told,) = violations(ENABLED, about)
        assert told.endswith("it starts nothing; set state to ENABLED, or name it in mayBeOff.")
        assert passes(ENABLED, about, mayBeOff=["it"])
