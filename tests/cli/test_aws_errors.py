"""AWS's errors as sentences with a next step."""

from typing import Any

import pytest
from botocore import exceptions

from cli.aws_errors import translated
from cli.errors import OperatorError
from cli.exit_codes import ExitCode
from cli.stack import Stack

ARN = "arn:aws:states:eu-west-1:222222222222:stateMachine:ccapi"
OUTPUTS = {"aws_region": "eu-west-1", "step_functions_state_machine_arn": ARN}


def client_error(code: str, message: str = "") -> exceptions.ClientError:
    return exceptions.ClientError({"Error": {"Code": code, "Message": message}}, "DescribeExecution")


def told(error: Exception, *, caller: str = "222222222222", stack: str = "prod") -> OperatorError:
    deployed = Stack(stack, OUTPUTS)

    class Sts:
        def get_caller_identity(self) -> Any:
            if not caller:
                raise client_error("ExpiredToken")
            return {"Account": caller}

    deployed._clients["sts"] = Sts()
    with pytest.raises(OperatorError) as caught, translated(deployed):
        raise error
    return caught.value


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (exceptions.NoCredentialsError(), "there are no AWS credentials"),
        (client_error("ExpiredTokenException"), "the AWS credentials have expired"),
        (client_error("UnrecognizedClientException"), "AWS does not know the access key"),
        (exceptions.UnauthorizedSSOTokenError(), "the AWS credentials have expired"),
        (exceptions.ProfileNotFound(profile="work"), "The config profile (work) could not be found"),
        (
            exceptions.EndpointConnectionError(endpoint_url="https://states.eu-west-1.amazonaws.com"),
            'AWS cannot be reached: Could not connect to the endpoint URL: "https://states.eu-west-1.amazonaws.com"',
        ),
        (exceptions.NoRegionError(), "no call to AWS was made: You must specify a region"),
    ],
)
def test_a_caller_without_access_gets_a_sentence(error: Exception, what: str) -> None:
    found = told(error)
    assert found.what == what
    assert found.next_step
    assert found.exit_code is ExitCode.UNREACHABLE


def test_credentials_of_another_account_are_named() -> None:
    found = told(client_error("AccessDeniedException", "no"), caller="999999999999")
    assert found.what == (
        "the AWS credentials are of the account 999999999999, and the stack prod is in 222222222222"
    )


@pytest.mark.parametrize("caller", ["222222222222", ""])
def test_a_missing_permission_is_named_with_its_resource(caller: str) -> None:
    message = f"User: x is not authorized to perform: states:StartExecution on resource: {ARN} because"
    found = told(client_error("AccessDeniedException", message), caller=caller)
    assert found.what == f"the AWS credentials do not allow states:StartExecution on {ARN}"


def test_another_error_is_shown_whole() -> None:
    found = told(client_error("ExecutionDoesNotExist", "Execution Does Not Exist."))
    assert found.what == "AWS refused the call: ExecutionDoesNotExist: Execution Does Not Exist"
    assert found.exit_code is ExitCode.FAILED


@pytest.mark.parametrize("command", ["ccapi local up", "ccapi local resume"])
def test_the_local_aws_is_started_again(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.run.resume.start_command", lambda: command)
    error = exceptions.EndpointConnectionError(endpoint_url="http://127.0.0.1:4566")
    assert told(error, stack="local").next_step == f"type `{command}`"


def test_an_output_of_a_newer_version_is_said_to_be_missing() -> None:
    with pytest.raises(OperatorError, match="the stack prod has no output `dlq_url`"):
        Stack("prod", OUTPUTS)["dlq_url"]


def test_the_stack_knows_its_region_and_account() -> None:
    stack = Stack("prod", OUTPUTS)
    assert (stack.region, stack.account) == ("eu-west-1", "222222222222")
