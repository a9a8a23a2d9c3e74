import json
from typing import Any

from guardrails.aws.types import LOG_GROUP, QUEUE, SCHEDULE, STATE_MACHINE, TASK_DEFINITION
from guardrails.plan import UNKNOWN, Resource
from guardrails.results import Outcome
from tests.policies.plans import passes, resource, rule, said, violations

EXISTS = rule("named-resource-exists")

GROUP = resource(LOG_GROUP, "logs", name="/ecs/tiler")
LOST = resource(QUEUE, "lost", name="tiles-lost")


def logging_to(group: str, **options: Any) -> Resource:
    logs = {"logDriver": "awslogs", "options": {"awslogs-group": group, **options}}
    containers = [{"name": "tiler", "logConfiguration": logs}, {"name": "side"}]
    return resource(TASK_DEFINITION, "task", containerDefinitions=json.dumps(containers))


def sending_to(arn: Any) -> Resource:
    return resource(SCHEDULE, "weekly", target={"arn": "x", "deadLetterConfig": {"arn": arn}})


def test_a_log_group_or_a_queue_of_the_plan_passes() -> None:
    assert passes(EXISTS, logging_to("/ecs/tiler"), GROUP)
    assert passes(EXISTS, sending_to("arn:aws:sqs:eu-west-1:111122223333:tiles-lost"), LOST)
    destination = {"logDestination": "arn:aws:logs:eu-west-1:111122223333:log-group:/ecs/tiler:*"}
    assert passes(EXISTS, resource(STATE_MACHINE, loggingConfiguration=destination), GROUP)


def test_a_reference_or_a_resource_name_that_is_unknown_passes() -> None:
    assert passes(EXISTS, sending_to(UNKNOWN))
    assert passes(EXISTS, logging_to("/ecs/it"), resource(LOG_GROUP, "logs", name=UNKNOWN))


def test_a_typing_error_is_refused_with_the_name_that_is_meant() -> None:
    (told,) = violations(EXISTS, logging_to("/ecs/tilers"), GROUP)
    assert told == (
        "task: awslogs-group names the log group /ecs/tilers, which is not in the plan; write /ecs/tiler, or name it "
        "in existElsewhere."
    )
    (told,) = violations(EXISTS, sending_to("arn:aws:sqs:eu-west-1:111122223333:tiles-losts"), LOST)
    assert "write tiles-lost" in told


def test_a_log_group_that_is_made_elsewhere_is_accepted() -> None:
    assert "create the log group" in violations(EXISTS, logging_to("/shared"))[0]
    assert passes(EXISTS, logging_to("/shared"), existElsewhere=["/shared"])
    made = logging_to("/shared", **{"awslogs-create-group": "true"})
    assert said(EXISTS, made).outcome is Outcome.NOT_APPLICABLE


def test_a_resource_that_names_neither_is_not_evaluated() -> None:
    assert said(EXISTS, resource(SCHEDULE, target={"arn": "x"})).outcome is Outcome.NOT_APPLICABLE
