import json
from typing import Any

from tests.local.emulator.local_aws import Ended
from tests.local.lambdas import Functions


def run(functions: Functions, name: str, payload: Any = None, **state: Any) -> Ended:
    arguments = {"FunctionName": name}
    invoke = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": arguments if payload is None else {**arguments, "Payload": payload},
        "End": True,
        **state,
    }
    return functions.aws.run({"Invoke": invoke}, {"run": "2026-W48"})


def test_the_result_is_the_answer_with_its_payload_parsed(functions: Functions) -> None:
    ended = run(functions, functions.create(), {"run": "{% $states.input.run %}", "count": 2})

    assert ended.status == "SUCCEEDED", ended
    assert (ended.output["StatusCode"], ended.output["ExecutedVersion"]) == (200, "$LATEST")
    assert ended.output["Payload"]["event"] == {"run": "2026-W48", "count": 2}


def test_without_a_payload_the_event_is_empty(functions: Functions) -> None:
    assert run(functions, functions.create()).output["Payload"]["event"] == {}


def test_a_list_and_null_are_results(functions: Functions) -> None:
    name = functions.create("def handler(event, context): return [1, None]")

    assert run(functions, name).output["Payload"] == [1, None]


def test_an_exception_is_an_error_of_its_type(functions: Functions) -> None:
    ended = run(functions, functions.create(), {"fails": True})

    assert (ended.status, ended.error) == ("FAILED", "NotDeliveredError")
    assert json.loads(ended.cause or "")["errorMessage"] == "nowhere to deliver"


def test_an_exception_is_retried_and_caught_by_its_type(functions: Functions) -> None:
    name = functions.create()

    ended = run(
        functions,
        name,
        {"fails": "{% $states.context.State.RetryCount = 0 %}"},
        Retry=[{"ErrorEquals": ["NotDeliveredError"], "IntervalSeconds": 1, "MaxAttempts": 1}],
    )

    assert (ended.status, ended.output["Payload"]["count"]) == ("SUCCEEDED", 2)


def test_an_error_without_a_type_is_unknown(functions: Functions) -> None:
    name = functions.create(
        """
        import os, urllib.request
        def handler(event, context):
            api = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation"
            urllib.request.urlopen(f"{api}/{context.aws_request_id}/error", b"{}")
        """
    )

    ended = run(functions, name)

    assert ended.error == "Lambda.Unknown"
    assert ended.cause == (
        "The cause could not be determined because Lambda did not return an error type. Returned payload: {}"
    )


def test_a_function_out_of_time_is_an_error(functions: Functions) -> None:
    name = functions.create("import time\ndef handler(event, context): time.sleep(600)", timeout=1)

    ended = run(functions, name)

    assert ended.error == "Sandbox.Timedout"
    assert "Task timed out after 1.00 seconds" in (ended.cause or "")


def test_a_state_out_of_time_does_not_wait_for_its_function(functions: Functions) -> None:
    name = functions.create("import time\ndef handler(event, context): time.sleep(600)")

    assert run(functions, name, TimeoutSeconds=1).error == "States.Timeout"


def test_a_function_that_is_absent_is_an_error(functions: Functions) -> None:
    ended = run(functions, "absent")

    assert ended.error == "Lambda.ResourceNotFoundException"
    assert "(Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException;" in (
        ended.cause or ""
    )


def test_a_throttled_function_is_an_error(functions: Functions) -> None:
    name = functions.create()
    functions.client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)

    assert run(functions, name).error == "Lambda.TooManyRequestsException"


def test_an_error_that_lambda_s_model_does_not_name_is_lambda_s(functions: Functions) -> None:
    fault = {"operation": "lambda:Invoke", "error": "AccessDeniedException", "status": 403}
    functions.aws.admin("POST", "faults", fault)

    assert run(functions, functions.create()).error == "Lambda.AWSLambdaException"


def test_a_state_may_wait_for_a_token_that_the_function_answers(functions: Functions) -> None:
    name = functions.create(
        """
        import boto3
        def handler(event, context):
            boto3.client("stepfunctions").send_task_success(taskToken=event["token"], output='{"done": true}')
        """
    )

    ended = run(
        functions,
        name,
        {"token": "{% $states.context.Task.Token %}"},
        Resource="arn:aws:states:::lambda:invoke.waitForTaskToken",
    )

    assert (ended.status, ended.output) == ("SUCCEEDED", {"done": True})


def test_the_usage_of_a_function_is_metered_for_the_execution_that_invokes_it(functions: Functions) -> None:
    name = functions.create(
        "import boto3\ndef handler(event, context): boto3.client('sqs').list_queues()",
        Architectures=["arm64"],
    )
    invoke = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {"FunctionName": name, "Payload": {}},
        "End": True,
    }
    execution = functions.aws.start({"Invoke": invoke})
    functions.aws.ended(execution)

    (used,) = (
        account
        for account in functions.aws.admin("GET", "meter")["executions"]
        if account["execution"] == execution
    )

    assert used["requests"] == {"integrations": {"lambda:Invoke": 1}, "functions": {"sqs:ListQueues": 1}}
    assert used["usage"]["lambda_requests"] == 1
    assert used["usage"]["lambda_arm64_gb_seconds"] > 0
    assert f"/aws/lambda/{name}" in used["log_bytes"]
