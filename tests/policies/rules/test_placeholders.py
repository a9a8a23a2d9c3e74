import json
from typing import Any

from guardrails.aws.types import BUDGET, TASK_DEFINITION, TOPIC_SUBSCRIPTION
from guardrails.limits_source import limits_of, source_of
from guardrails.plan import UNKNOWN
from guardrails.rules import RULES
from tests.policies.plans import passes, resource, rule, violations

REPLACED = rule("placeholders-replaced")
PROD = limits_of(source_of("ccapi", "prod"), RULES)["placeholders-replaced"]


def worker(**container: Any) -> Any:
    return resource(
        TASK_DEFINITION, "worker", containerDefinitions=json.dumps([{"name": "monitor", **container}])
    )


def test_the_prod_limits_refuse_the_values_of_the_example() -> None:
    variable = {"name": "GEE_PROJECT_ID", "value": "your-earth-engine-project"}
    (told,) = violations(REPLACED, worker(environment=[variable]), **PROD)
    assert told == (
        "worker: GEE_PROJECT_ID is still a placeholder of the form your-*; write the stack's own value, or remove the "
        "form from placeholders."
    )
    (told,) = violations(REPLACED, worker(image="example.com/monitor:1"), **PROD)
    assert "image is still a placeholder" in told
    mail = resource(TOPIC_SUBSCRIPTION, protocol="email", endpoint="Alerts@Example.com")
    (told,) = violations(REPLACED, mail, **PROD)
    assert "endpoint is still a placeholder of the form *@example.com" in told
    budget = resource(
        BUDGET, notifications=[{"subscriberEmailAddresses": ["a@example.com", "b@example.com"]}]
    )
    (told,) = violations(REPLACED, budget, **PROD)
    assert "subscriberEmailAddresses" in told


def test_values_of_a_stack_s_own_pass_and_so_does_everything_without_limits() -> None:
    own = worker(environment=[{"name": "GEE_PROJECT_ID", "value": "tiles"}], image="123.dkr.ecr/monitor:1")
    assert passes(REPLACED, own, **PROD)
    assert passes(REPLACED, worker(image="example.com/monitor:1"))


def test_values_that_are_not_known_yet_are_no_placeholders() -> None:
    for unknown in (UNKNOWN, [UNKNOWN], "{", None):
        assert passes(REPLACED, resource(TASK_DEFINITION, containerDefinitions=unknown), **PROD)
