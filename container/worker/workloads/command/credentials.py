"""The service account of Earth Engine, stored in Secrets Manager."""

import base64
import json
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from worker.aws import passes, tried_again
from worker.errors import ErrorName, WorkerError
from worker.workloads.command.hiding import Hiding
from worker.workloads.command.service_account_key import faults, text_of, why_no_object

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

_ESCAPED_LINE_ENDS = ("\n", "\r\n", "\\n", "\\r\\n", " ", "")


class ServiceAccount:
    """The key of a service account, and its redaction."""

    def __init__(self, text: str) -> None:
        """Initialise from the JSON of the key."""
        self.text = text
        fields = json.loads(text)
        key = str(fields["private_key"])
        body = "".join(line for line in key.splitlines() if "KEY-----" not in line)
        written = (key.replace("\n", line_end) for line_end in _ESCAPED_LINE_ENDS)
        sources = [text, body, *written]
        self.hidden_in = Hiding(
            [body, *key.splitlines()[-2:-1], str(fields.get("private_key_id", ""))],
            [*(source.encode(errors="replace") for source in sources), base64.b64decode(body)],
        )
        """Returns a text without any part of the key, in whatever form it is written there."""


def service_account(secret: str, client: "SecretsManagerClient") -> ServiceAccount:
    """Return the service account from Secrets Manager.

    Raises:
        WorkerError: if it is missing or damaged; the error names the remedy and contains nothing of the secret.
    """
    if not secret:
        raise _invalid("no secret is set: set GEE_CREDENTIALS_SECRET in the task definition")
    put = (
        f"`aws secretsmanager put-secret-value --region {client.meta.region_name} --secret-id {secret} "
        "--secret-string file://service-account.json`"
    )
    remedy = (
        "store the file as Google Cloud creates it; if the file itself is damaged, create a new key (`gcloud iam "
        "service-accounts keys create service-account.json --iam-account EMAIL`): "
        f"{put}"
    )
    try:
        answer = tried_again(lambda: client.get_secret_value(SecretId=secret))
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == "ResourceNotFoundException":
            raise _invalid(f"the secret {secret} does not exist or is empty: {put}") from error
        if passes(error):
            raise _unavailable(code) from error
        raise _invalid(
            f"the secret {secret} cannot be read ({code}): allow the task's role secretsmanager:GetSecretValue "
            "and kms:Decrypt, and check that the secret is not scheduled for deletion"
        ) from error
    except BotoCoreError as error:
        if passes(error):
            raise _unavailable(type(error).__name__) from error
        raise _invalid(f"the request to Secrets Manager failed ({type(error).__name__})") from error
    try:
        text = text_of(answer.get("SecretString") or answer.get("SecretBinary") or "")
    except ValueError:
        raise _invalid(f"the secret {secret} is neither a JSON object nor a text: {remedy}") from None
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        raise _invalid(f"the secret {secret} {why_no_object(text)}: {remedy}")
    if wrong := ", ".join(faults(fields)):
        raise _invalid(f"the secret {secret} is not a usable service account ({wrong}): {remedy}")
    return ServiceAccount(text)


def _unavailable(why: str) -> WorkerError:
    return WorkerError(
        ErrorName.SERVICE_UNAVAILABLE,
        f"Secrets Manager does not answer ({why}): try again; if it lasts, check the network route to it.",
    )


def _invalid(what: str) -> WorkerError:
    return WorkerError(ErrorName.CREDENTIALS_INVALID, f"Earth Engine's credentials: {what}.")
