import json
from typing import Any

from guardrails.aws.types import (
    EVENT_RULE,
    EVENT_TARGET,
    LOG_GROUP,
    LOG_METRIC_FILTER,
    METRIC_ALARM,
    QUEUE,
    SCHEDULE,
    STATE_MACHINE,
    TASK_DEFINITION,
    TOPIC,
    TOPIC_SUBSCRIPTION,
)
from guardrails.plan import UNKNOWN, Resource
from guardrails.results import Outcome
from tests.policies.definitions import definition, task
from tests.policies.plans import machine, passes, resource, rule, said, violations

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


REGION, ACCOUNT = "eu-west-1", "111122223333"
AT_HOME: dict[str, Any] = {"provider": {"region": REGION, "allowedAccountIds": [ACCOUNT]}}
MACHINE = resource(STATE_MACHINE, "machine", name="tiles", **AT_HOME)
QUEUE_ARN = f"arn:aws:sqs:{REGION}:{ACCOUNT}:tiles-lost"
HERE = resource(QUEUE, "lost", name="tiles-lost", **AT_HOME)


def arn_of_machine(name: str, region: str = REGION, account: str = ACCOUNT) -> str:
    return f"arn:aws:states:{region}:{account}:stateMachine:{name}"


def alarm(namespace: str = "AWS/SQS", *, actions: Any = (), **dimensions: Any) -> Resource:
    return resource(
        METRIC_ALARM,
        "alarm",
        namespace=namespace,
        metricName="Any",
        dimensions=dimensions,
        alarmActions=list(actions),
    )


def on_machine(arn: str) -> Resource:
    pattern = {"source": ["aws.states"], "detail": {"stateMachineArn": [arn]}}
    return resource(EVENT_RULE, "ended", name="ended", eventPattern=json.dumps(pattern))


def test_an_arn_of_another_region_or_account_is_refused() -> None:
    assert passes(EXISTS, sending_to(QUEUE_ARN), HERE)
    for arn in (QUEUE_ARN.replace(REGION, "us-east-1"), QUEUE_ARN.replace(ACCOUNT, "999988887777")):
        (told,) = violations(EXISTS, sending_to(arn), HERE)
        assert "names the queue tiles-lost in another region or account than that of lost" in told
        assert passes(EXISTS, sending_to(arn), HERE, existElsewhere=[arn])
        # The provider's region and account are not known.
        assert passes(EXISTS, sending_to(arn), LOST)


def test_a_topic_in_place_of_a_queue_is_refused() -> None:
    topic = resource(TOPIC, "news", name="news")
    (told,) = violations(EXISTS, sending_to(f"arn:aws:sns:{REGION}:{ACCOUNT}:news"), topic)
    assert "names news, which is no queue" in told
    later: dict[str, Any] = {"target": {"arn": "x", "deadLetterConfig": {"arn": UNKNOWN}}}
    (told,) = violations(EXISTS, resource(SCHEDULE, sources={"target": (topic,)}, **later), topic)
    assert "names the topic news, and must be a queue" in told
    other = resource("aws:ssm/parameter:Parameter", "parameter")
    for source in (LOST, other):
        about = resource(SCHEDULE, sources={"target": (topic, source)}, **later)
        assert passes(EXISTS, about, topic, source)


def test_an_alarm_watches_a_resource_of_the_plan() -> None:
    assert passes(EXISTS, alarm(QueueName="tiles-lost"), HERE)
    assert passes(EXISTS, alarm(QueueName=UNKNOWN), HERE)
    assert passes(EXISTS, alarm(QueueName="of-another-stack")), "no queue is in the plan"
    assert "write tiles-lost" in violations(EXISTS, alarm(QueueName="tiles-losts"), HERE)[0]
    assert "must be a name" in violations(EXISTS, alarm(QueueName=QUEUE_ARN), HERE)[0]
    assert passes(EXISTS, alarm(QueueName="maps"), HERE, existElsewhere=["maps"])


def test_an_alarm_names_a_machine_by_its_arn() -> None:
    assert passes(EXISTS, alarm("AWS/States", StateMachineArn=arn_of_machine("tiles")), MACHINE)
    assert violations(EXISTS, alarm("AWS/States", StateMachineArn=arn_of_machine("maps")), MACHINE)
    assert "must be an ARN" in violations(EXISTS, alarm("AWS/States", StateMachineArn="tiles"), MACHINE)[0]


def test_an_action_names_a_topic_unlike_those_of_the_plan_or_one_of_them() -> None:
    topic = resource(TOPIC, "news", name="tiles-news", **AT_HOME)
    arn = f"arn:aws:sns:{REGION}:{ACCOUNT}:"
    assert passes(EXISTS, alarm(actions=[f"{arn}tiles-news", UNKNOWN]), topic)
    assert passes(EXISTS, alarm(actions=[f"{arn}ops-pager"]), topic), "a topic that many stacks share"
    assert "write tiles-news" in violations(EXISTS, alarm(actions=[f"{arn}tiles-new"]), topic)[0]
    shared = f"{arn}tiles-news".replace(ACCOUNT, "999988887777")
    assert passes(EXISTS, alarm(actions=[shared]), topic)


def test_a_rule_matches_events_of_a_machine_of_the_plan() -> None:
    assert passes(EXISTS, on_machine(arn_of_machine("tiles")), MACHINE)
    assert violations(EXISTS, on_machine(arn_of_machine("maps")), MACHINE)
    assert violations(EXISTS, on_machine(arn_of_machine("tiles", region="us-east-1")), MACHINE)
    assert passes(EXISTS, on_machine(arn_of_machine("maps"))), "no machine is in the plan"


def test_a_rule_may_start_a_machine_when_one_of_another_stack_ends() -> None:
    target = resource(EVENT_TARGET, "next", rule="ended", arn=arn_of_machine("tiles"))
    about = on_machine(arn_of_machine("maps"))
    assert said(EXISTS, about, MACHINE, target).outcome is Outcome.NOT_APPLICABLE


def test_a_redrive_policy_names_a_queue_of_the_plan() -> None:
    def redriving(arn: str) -> Resource:
        return resource(TOPIC_SUBSCRIPTION, redrivePolicy=json.dumps({"deadLetterTargetArn": arn}))

    assert passes(EXISTS, redriving(QUEUE_ARN), HERE)
    assert "write tiles-lost" in violations(EXISTS, redriving(QUEUE_ARN.removesuffix("t")), HERE)[0]
    assert passes(EXISTS, resource(TOPIC_SUBSCRIPTION, redrivePolicy=UNKNOWN), HERE)


def test_a_metric_filter_may_read_a_log_group_that_aws_creates() -> None:
    assert passes(EXISTS, resource(LOG_METRIC_FILTER, logGroupName="/aws/lambda/any"), GROUP)
    assert violations(EXISTS, resource(LOG_METRIC_FILTER, logGroupName="/ecs/tilr"), GROUP)


def test_a_state_publishes_to_a_topic_of_the_plan() -> None:
    topic = resource(TOPIC, "news", name="tiles-news")

    def publishing(name: str) -> Resource:
        arguments = {"TopicArn": name, "Message": "x"}
        return machine(definition(Tell=task(Resource="arn:aws:states:::sns:publish", Arguments=arguments)))

    arn = f"arn:aws:sns:{REGION}:{ACCOUNT}:"
    assert passes(EXISTS, publishing(f"{arn}tiles-news"), topic)
    assert "TopicArn of Tell" in violations(EXISTS, publishing(f"{arn}tiles-new"), topic)[0]
    assert said(EXISTS, publishing("{% $topic %}"), topic).outcome is Outcome.NOT_APPLICABLE
