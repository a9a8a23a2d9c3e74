from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.emulator.local_aws import RunningAws
from tests.local.lambdas import WITNESS, Functions


def refusal(functions: Functions, name: str, **arguments: Any) -> tuple[str, int, str]:
    with pytest.raises(ClientError) as error:
        functions.client.invoke(FunctionName=name, **arguments)
    answer = error.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Message"]


def test_a_function_is_invoked_by_name_and_by_arn(functions: Functions) -> None:
    name = functions.create()

    assert functions.invoke(name).status == 200
    assert functions.invoke(functions.arn(name)).status == 200


def test_a_function_that_is_absent_is_not_found(functions: Functions) -> None:
    assert refusal(functions, "absent") == (
        "ResourceNotFoundException",
        404,
        "Function not found: arn:aws:lambda:us-east-1:123456789012:function:absent",
    )


def test_a_dry_run_runs_nothing(functions: Functions) -> None:
    name = functions.create()

    assert functions.invoke(name, InvocationType="DryRun").status == 204
    assert functions.invoke(name).payload["count"] == 1


def test_a_function_whose_concurrency_is_used_up_is_throttled(functions: Functions) -> None:
    name = functions.create()
    functions.client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)

    assert refusal(functions, name) == ("TooManyRequestsException", 429, "Rate Exceeded.")

    functions.client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)
    assert functions.invoke(name).payload["count"] == 1


def test_a_function_with_one_reserved_runs_one_event_after_the_other(functions: Functions) -> None:
    url, _ = functions.aws.queue()
    name = functions.create(
        """
        import json, os, boto3
        count = 0
        def handler(event, context):
            global count
            count += 1
            boto3.client("sqs").send_message(QueueUrl=os.environ["QUEUE"], MessageBody=json.dumps(count))
        """,
        variables={"QUEUE": url},
    )
    functions.client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)

    for _ in range(3):
        functions.invoke(name, InvocationType="Event")

    # One process ran all of them.
    assert sorted(functions.aws.messages(url, 3)) == [1, 2, 3]


@pytest.mark.parametrize(
    ("payload", "code", "status"),
    [
        (b"not json", "InvalidRequestContentException", 400),
        (b'"' + b"x" * (6 << 20) + b'"', "RequestTooLargeException", 413),
    ],
    ids=["not JSON", "too large"],
)
def test_a_payload_that_aws_refuses_is_refused(
    functions: Functions, payload: bytes, code: str, status: int
) -> None:
    assert refusal(functions, functions.create(), Payload=payload)[:2] == (code, status)


def test_an_answer_that_is_too_large_is_an_error(functions: Functions) -> None:
    invoked = functions.invoke(functions.create("def handler(event, context): return 'x' * (7 << 20)"))

    assert (invoked.error, invoked.payload["errorType"]) == ("Unhandled", "Function.ResponseSizeTooLarge")


def test_a_runtime_that_the_agent_does_not_have_is_refused(functions: Functions) -> None:
    name = functions.create(Runtime="nodejs22.x")

    code, _, message = refusal(functions, name)

    assert code == "InvalidRuntimeException"
    assert f"{name} has nodejs22.x" in message


def test_invocations_are_metrics_of_the_function(functions: Functions) -> None:
    name = functions.create()
    functions.invoke(name)
    functions.invoke(name, {"fails": True})

    found = functions.aws.client("cloudwatch").list_metrics(
        Namespace="AWS/Lambda", Dimensions=[{"Name": "FunctionName", "Value": name}]
    )

    assert {metric["MetricName"] for metric in found["Metrics"]} == {"Invocations", "Errors", "Duration"}


def test_a_rule_invokes_a_function(functions: Functions) -> None:
    url, _ = functions.aws.queue()
    name = functions.create(WITNESS, variables={"QUEUE": url})
    events = functions.aws.client("events")
    events.put_rule(Name=name, EventPattern='{"source": ["test"]}')
    events.put_targets(Rule=name, Targets=[{"Id": "function", "Arn": functions.arn(name)}])
    functions.client.add_permission(
        FunctionName=name,
        StatementId="rule",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
    )

    events.put_events(Entries=[{"Source": "test", "DetailType": "any", "Detail": '{"a": 1}'}])

    assert functions.aws.messages(url, 1)[0]["detail"] == {"a": 1}


def test_a_schedule_invokes_a_function(functions: Functions) -> None:
    url, _ = functions.aws.queue()
    name = functions.create(WITNESS, variables={"QUEUE": url})
    functions.aws.client("scheduler").create_schedule(
        Name=name,
        ScheduleExpression="rate(1 minutes)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": functions.arn(name), "RoleArn": functions.role, "Input": '{"a": 1}'},
    )

    now = datetime.fromisoformat(functions.aws.admin("GET", "clock")["now"])
    functions.aws.admin("POST", "clock", {"advance_to": (now + timedelta(minutes=2)).isoformat()})

    assert functions.aws.messages(url, 1)[0] == {"a": 1}
    functions.aws.client("scheduler").delete_schedule(Name=name)


def test_without_an_agent_the_error_says_so(aws: RunningAws) -> None:
    alone = Functions(aws, None)
    name = alone.create()

    code, status, message = refusal(alone, name)

    assert (code, status) == ("ServiceException", 500)
    assert message.startswith("No agent runs beside this local AWS")


def test_an_event_is_accepted_without_an_agent(aws: RunningAws) -> None:
    alone = Functions(aws, None)

    assert alone.invoke(alone.create(), InvocationType="Event").status == 202
