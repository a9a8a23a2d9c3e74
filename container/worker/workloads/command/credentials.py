"""The service account of Earth Engine, as it lies in Secrets Manager."""

import json
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from worker.aws import passes
from worker.errors import ErrorName, WorkerError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

# Source: https://cloud.google.com/iam/docs/keys-create-delete, the JSON of a service account's key.
_FIELDS = ("client_email", "private_key", "token_uri")
_HIDDEN = "***"
# Shorter lines of a key, such as its last, would hide words that have nothing to do with it.
_SHORTEST_HIDDEN = 16


class ServiceAccount:
    """The key of a service account; it is shown nowhere."""

    def __init__(self, text: str) -> None:
        self.text = text
        fields = json.loads(text)
        lines = (*str(fields["private_key"]).split("\n"), str(fields.get("private_key_id", "")))
        self._secrets = tuple(
            line for line in lines if len(line) >= _SHORTEST_HIDDEN and "KEY-----" not in line
        )

    def hidden_in(self, line: str) -> str:
        """Return a line without any part of the key."""
        for secret in self._secrets:
            line = line.replace(secret, _HIDDEN)
        return line


def service_account(secret: str, client: "SecretsManagerClient") -> ServiceAccount:
    """Fetch the service account.

    Raises:
        WorkerError: which says how to put it right, and nothing of what is in it.
    """
    if not secret:
        raise _invalid("no secret is named: set GEE_CREDENTIALS_SECRET in the task definition")
    remedy = (
        f"`aws secretsmanager put-secret-value --region {client.meta.region_name} --secret-id {secret} "
        "--secret-string file://service-account.json`"
    )
    try:
        text = client.get_secret_value(SecretId=secret).get("SecretString", "")
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == "ResourceNotFoundException":
            raise _invalid(f"the secret {secret} does not exist or is empty: {remedy}") from error
        if passes(error):
            raise _unavailable(code) from error
        raise _invalid(
            f"the secret {secret} cannot be read ({code}): allow the task's role secretsmanager:GetSecretValue "
            "and kms:Decrypt, and see that the secret is not being deleted"
        ) from error
    except BotoCoreError as error:
        if passes(error):
            raise _unavailable(type(error).__name__) from error
        raise _invalid(f"Secrets Manager cannot be asked ({type(error).__name__})") from error
    try:
        fields = json.loads(text)
    except ValueError:
        fields = None
    if not isinstance(fields, dict):
        raise _invalid(f"the secret {secret} holds no JSON object: {remedy}")
    wrong = [
        f"{name} is missing" for name in _FIELDS if not (isinstance(fields.get(name), str) and fields[name])
    ]
    if fields.get("type") != "service_account":
        wrong.insert(0, "type is not service_account")
    if wrong:
        raise _invalid(f"the secret {secret} holds no service account ({', '.join(wrong)}): {remedy}")
    return ServiceAccount(text)


def _unavailable(why: str) -> WorkerError:
    return WorkerError(
        ErrorName.SERVICE_UNAVAILABLE,
        f"Secrets Manager does not answer ({why}): try again; if it lasts, check the network's way to it.",
    )


def _invalid(what: str) -> WorkerError:
    return WorkerError(ErrorName.CREDENTIALS_INVALID, f"Earth Engine's credentials: {what}.")
