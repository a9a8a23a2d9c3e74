"""AWS's errors for the operator: credentials, permissions, network and missing resources, each with a next step."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from cli import local_stack
from cli.errors import OperatorError
from cli.exit_codes import ExitCode
from cli.stack import Stack

_SIGN_IN = "sign in again, e.g. with `aws sso login`, and check it with `aws sts get-caller-identity`"
_CREDENTIALS = {
    "ExpiredToken": "the AWS credentials have expired",
    "ExpiredTokenException": "the AWS credentials have expired",
    "RequestExpired": "the AWS credentials have expired, or the clock of this machine is wrong",
    "InvalidClientTokenId": "AWS does not know the access key",
    "UnrecognizedClientException": "AWS does not know the access key",
    "InvalidAccessKeyId": "AWS does not know the access key",
    "SignatureDoesNotMatch": "the AWS secret access key does not fit the access key",
    "InvalidToken": "the AWS session token is not valid",
}
_DENIED = frozenset(
    {"AccessDenied", "AccessDeniedException", "AuthorizationError", "KMSAccessDeniedException"}
)
_ACTION = re.compile(r"perform:? (?P<action>[a-z0-9-]+:\w+)(?: on resource:? (?P<resource>\S+))?")


@contextmanager
def translated(stack: Stack) -> Iterator[None]:
    """Raise AWS's errors as an OperatorError with the stack's account and region."""
    from botocore import exceptions  # noqa: PLC0415 - only commands that call AWS wait for it

    try:
        yield
    except (exceptions.NoCredentialsError, exceptions.PartialCredentialsError):
        raise OperatorError(
            "there are no AWS credentials",
            f"sign in to the account {stack.account}, e.g. with `aws sso login`",
            ExitCode.UNREACHABLE,
        ) from None
    except (
        exceptions.TokenRetrievalError,
        exceptions.SSOTokenLoadError,
        exceptions.UnauthorizedSSOTokenError,
    ):
        raise OperatorError("the AWS credentials have expired", _SIGN_IN, ExitCode.UNREACHABLE) from None
    except exceptions.ProfileNotFound as error:
        raise OperatorError(
            str(error).rstrip("."),
            "set AWS_PROFILE to one that `aws configure list-profiles` lists",
            ExitCode.UNREACHABLE,
        ) from None
    except (exceptions.EndpointConnectionError, exceptions.HTTPClientError) as error:
        raise OperatorError(
            f"AWS cannot be reached: {str(error).rstrip('.')}",
            local_stack.start() if stack.is_local else "check the network and the proxy",
            ExitCode.UNREACHABLE,
        ) from None
    except exceptions.ClientError as error:
        raise _client_error(stack, error.response.get("Error", {})) from None
    except exceptions.BotoCoreError as error:
        raise OperatorError(
            f"no call to AWS was made: {str(error).rstrip('.')}",
            "check the AWS settings of this shell",
            ExitCode.UNREACHABLE,
        ) from None


def _client_error(stack: Stack, error: Mapping[str, Any]) -> OperatorError:
    code, message = error.get("Code", ""), error.get("Message", "").rstrip(".")
    if what := _CREDENTIALS.get(code):
        return OperatorError(
            what, "type `ccapi local up`" if stack.is_local else _SIGN_IN, ExitCode.UNREACHABLE
        )
    if code in _DENIED:
        return _denied(stack, message)
    return OperatorError(
        f"AWS refused the call: {code}: {message}",
        f"check that the stack {stack.name} is deployed as its outputs say (`pulumi refresh --stack {stack.name}`)",
    )


def _denied(stack: Stack, message: str) -> OperatorError:
    if (account := _caller_account(stack)) not in {stack.account, None}:
        return OperatorError(
            f"the AWS credentials are of the account {account}, and the stack {stack.name} is in {stack.account}",
            f"sign in to {stack.account}, or name another stack with --stack",
            ExitCode.UNREACHABLE,
        )
    found = _ACTION.search(message)
    action = found["action"] if found else "the call"
    resource = f" on {found['resource']}" if found and found["resource"] else ""
    return OperatorError(
        f"the AWS credentials do not allow {action}{resource}",
        "sign in with a role that does, or ask for that permission",
        ExitCode.UNREACHABLE,
    )


def _caller_account(stack: Stack) -> str | None:
    """Return the account of the credentials, which every caller may ask for; None if it cannot be known."""
    try:
        return str(stack.client("sts").get_caller_identity()["Account"])
    except Exception:  # noqa: BLE001 - the caller reports another error, which this one must not hide
        return None
