"""Functions run as processes of the agent, as on AWS."""

import base64
import json
import signal
from pathlib import Path

import psutil
import pytest

from tests.local.agent.tasks import SECRET_OF_THE_PARENT, processes_with
from tests.local.emulator.local_aws import eventually, unique
from tests.local.lambdas import ECHO, WITNESS, Functions, functions_beside_an_agent, zipped

SLEEP = "import time\ndef handler(event, context): time.sleep(event.get('seconds', 600))"


def test_the_response_is_the_return_value_of_the_handler(functions: Functions) -> None:
    invoked = functions.invoke(functions.create(), {"name": "Zoë"})

    assert (invoked.status, invoked.error, invoked.version) == (200, None, "$LATEST")
    assert invoked.payload["event"] == {"name": "Zoë"}


def test_a_process_stays_warm_between_invocations(functions: Functions) -> None:
    name = functions.create()

    first, second = (functions.invoke(name).payload for _ in range(2))

    assert (first["count"], second["count"]) == (1, 2)
    assert first["pid"] == second["pid"]
    assert first["id"] != second["id"]


def test_invocations_at_the_same_time_have_processes_of_their_own(functions: Functions) -> None:
    url, _ = functions.aws.queue()
    name = functions.create(
        """
        import json, os, boto3
        def handler(event, context):
            sqs = boto3.client("sqs")
            sqs.send_message(QueueUrl=os.environ["QUEUE"], MessageBody=json.dumps(os.getpid()))
            # Neither ends before the other has started.
            while int(
                sqs.get_queue_attributes(QueueUrl=os.environ["QUEUE"], AttributeNames=["All"])["Attributes"][
                    "ApproximateNumberOfMessages"
                ]
            ) < 2:
                pass
        """,
        variables={"QUEUE": url},
    )

    for _ in range(2):
        functions.invoke(name, InvocationType="Event")

    eventually(lambda: _log_has(functions, name, "REPORT", 2))
    assert len({*functions.aws.messages(url, 2)}) == 2


def _log_has(functions: Functions, name: str, start: str, count: int) -> bool:
    try:
        lines = functions.log(f"/aws/lambda/{name}")
    except functions.aws.client("logs").exceptions.ResourceNotFoundException:
        return False
    return sum(line.startswith(start) for line in lines) >= count


def test_an_exception_is_an_error_and_the_process_stays_warm(functions: Functions) -> None:
    name = functions.create()
    functions.invoke(name)

    failed = functions.invoke(name, {"fails": True})

    assert (failed.status, failed.error) == (200, "Unhandled")
    assert failed.payload["errorType"] == "NotDeliveredError"
    assert failed.payload["errorMessage"] == "nowhere to deliver"
    assert "in handler" in failed.payload["stackTrace"][0]
    assert functions.invoke(name).payload["count"] == 3


def test_a_function_out_of_time_is_ended(functions: Functions) -> None:
    name = functions.create(SLEEP, timeout=1)

    late = functions.invoke(name)

    assert late.error == "Unhandled"
    assert late.payload["errorMessage"].startswith("RequestId: ")
    assert late.payload["errorMessage"].endswith(" Error: Task timed out after 1.00 seconds")
    assert functions.invoke(name, {"seconds": 0}).error is None


def test_a_function_out_of_memory_is_killed(functions: Functions) -> None:
    name = functions.create(
        "import time\ndef handler(event, context): kept = b'x' * (400 << 20); time.sleep(600)", MemorySize=128
    )

    killed = functions.invoke(name)

    assert killed.payload["errorType"] == "Runtime.ExitError"
    assert killed.payload["errorMessage"].endswith("Error: Runtime exited with error: signal: killed")


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import os\ndef handler(event, context): os._exit(3)", "Runtime exited with error: exit status 3"),
        ("import os\ndef handler(event, context): os._exit(0)", "Runtime exited without providing a reason"),
    ],
    ids=["with an error", "without one"],
)
def test_a_process_that_ends_itself_is_an_error(functions: Functions, code: str, reason: str) -> None:
    ended = functions.invoke(functions.create(code))

    assert ended.payload["errorType"] == "Runtime.ExitError"
    assert ended.payload["errorMessage"].endswith(f"Error: {reason}")


@pytest.mark.parametrize(
    ("code", "error_type", "message"),
    [
        (
            "import numpy",
            "Runtime.ImportModuleError",
            "Unable to import module 'app': No module named 'numpy'",
        ),
        ("other = 1", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'app'"),
        ("raise OSError('no disk')", "OSError", "no disk"),
    ],
    ids=["a package that AWS does not have", "no handler", "a module that raises"],
)
def test_a_module_that_cannot_be_loaded_is_an_error(
    functions: Functions, code: str, error_type: str, message: str
) -> None:
    failed = functions.invoke(functions.create(code))

    assert failed.error == "Unhandled"
    assert (failed.payload["errorType"], failed.payload["errorMessage"]) == (error_type, message)


def test_a_process_has_its_own_environment_and_nothing_of_the_agent(functions: Functions) -> None:
    name = functions.create(
        "import os\ndef handler(event, context): return dict(os.environ)", variables={"CHANNEL": "#alerts"}
    )

    found = functions.invoke(name).payload

    assert found["CHANNEL"] == "#alerts"
    assert found["AWS_LAMBDA_FUNCTION_NAME"] == name
    assert found["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "512"
    assert found["AWS_LAMBDA_FUNCTION_VERSION"] == "$LATEST"
    assert (found["AWS_REGION"], found["_HANDLER"]) == ("us-east-1", "app.handler")
    assert found["AWS_ENDPOINT_URL"] == functions.aws.endpoint
    assert found["AWS_ACCESS_KEY_ID"] not in {functions.aws.aws.access_key_id, ""}
    assert SECRET_OF_THE_PARENT not in found.values()


def test_the_code_is_read_only(functions: Functions) -> None:
    name = functions.create(
        """
        import os, stat
        def handler(event, context):
            root = os.environ["LAMBDA_TASK_ROOT"]
            return [stat.S_IMODE(os.stat(path).st_mode) for path in (root, f"{root}/app.py")]
        """
    )

    assert functions.invoke(name).payload == [0o555, 0o444]


def test_new_code_and_new_variables_start_a_new_process(functions: Functions) -> None:
    name = functions.create()
    first = functions.invoke(name).payload

    functions.client.update_function_code(
        FunctionName=name, ZipFile=zipped(ECHO.replace("count += 1", "count += 9"))
    )
    second = functions.invoke(name).payload
    functions.client.update_function_configuration(FunctionName=name, Environment={"Variables": {"NEW": "1"}})
    third = functions.invoke(name).payload

    assert (first["count"], second["count"], third["count"]) == (1, 9, 9)
    eventually(lambda: not psutil.pid_exists(first["pid"]) and not psutil.pid_exists(second["pid"]))


def test_the_process_of_a_deleted_function_ends(functions: Functions) -> None:
    name = functions.create()
    pid = functions.invoke(name).payload["pid"]

    functions.client.delete_function(FunctionName=name)

    eventually(lambda: not psutil.pid_exists(pid))


def test_the_log_has_the_lines_of_lambda_and_of_the_function(functions: Functions) -> None:
    name = functions.create()

    invoked = functions.invoke(name, LogType="Tail")

    lines = functions.log(f"/aws/lambda/{name}")
    assert [line.split()[0] for line in lines] == ["INIT_START", "START", "event", "END", "REPORT"]
    assert "Init Duration" in lines[-1]
    assert "Memory Size: 512 MB" in lines[-1]
    assert base64.b64decode(invoked.log or "").decode().splitlines()[1] == "event 1"


def test_a_log_group_and_a_format_of_one_s_own_are_used(functions: Functions) -> None:
    group = unique("/ccapi/reporter")
    name = functions.create(
        "import logging\nlogging.getLogger().setLevel('INFO')\n"
        "def handler(event, context): logging.info('sent'); return 1",
        LoggingConfig={"LogGroup": group, "LogFormat": "JSON"},
    )

    functions.invoke(name)

    events = [json.loads(line) for line in functions.log(group)]
    assert [event.get("type") for event in events] == [
        "platform.initStart",
        "platform.start",
        None,
        "platform.report",
    ]
    assert (events[2]["level"], events[2]["message"]) == ("INFO", "sent")


@pytest.mark.parametrize(
    ("log_format", "expected"),
    [("Text", "\tStatus: error\tError Type: Runtime.ExitError"), ("JSON", '"status": "error", "errorType"')],
)
def test_the_log_says_how_a_process_ended(functions: Functions, log_format: str, expected: str) -> None:
    name = functions.create(
        "import os\ndef handler(event, context): os._exit(3)", LoggingConfig={"LogFormat": log_format}
    )

    functions.invoke(name)

    assert expected in functions.log(f"/aws/lambda/{name}")[-1]


def test_an_event_is_accepted_and_retried_twice_and_then_in_the_dead_letter_queue(
    functions: Functions,
) -> None:
    seen, _ = functions.aws.queue()
    letters, letters_arn = functions.aws.queue()
    name = functions.create(
        WITNESS, variables={"QUEUE": seen, "FAILS": "1"}, DeadLetterConfig={"TargetArn": letters_arn}
    )

    accepted = functions.invoke(name, {"number": 7}, InvocationType="Event")

    assert (accepted.status, accepted.payload) == (202, None)
    assert functions.aws.messages(seen, 3) == [{"number": 7}] * 3
    letter = eventually(
        lambda: (
            functions.aws.client("sqs")
            .receive_message(QueueUrl=letters, MessageAttributeNames=["All"])
            .get("Messages")
        )
    )[0]
    attributes = {key: value["StringValue"] for key, value in letter["MessageAttributes"].items()}
    assert json.loads(letter["Body"]) == {"number": 7}
    assert (attributes["ErrorCode"], attributes["ErrorMessage"]) == ("200", "as asked")


def test_the_record_of_a_failed_event_goes_to_its_destination(functions: Functions) -> None:
    url, arn = functions.aws.queue()
    name = functions.create()
    functions.client.put_function_event_invoke_config(
        FunctionName=name, MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": arn}}
    )

    functions.invoke(name, {"fails": True}, InvocationType="Event")

    (record,) = functions.aws.messages(url, 1)
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 1
    assert record["requestPayload"] == {"fails": True}
    assert record["responsePayload"]["errorType"] == "NotDeliveredError"


def test_nothing_runs_any_more_when_the_agent_is_killed(tmp_path: Path) -> None:
    with functions_beside_an_agent(tmp_path) as functions:
        pid = functions.invoke(functions.create()).payload["pid"]

        functions.agent.end(signal.SIGKILL)

        eventually(lambda: not psutil.pid_exists(pid))
        eventually(lambda: not processes_with(str(tmp_path / "scratch")))
        eventually(lambda: not any(functions.agent.scratch.iterdir()))
