"""What can go wrong, in sentences for the person who runs Pulumi."""

import json
import re
from collections.abc import Iterable

from botocore import exceptions
from botocore.exceptions import BotoCoreError, ClientError


class ProviderError(Exception):
    """A failure whose message is meant for the user: what, why, and what to do."""


class PartlyCreatedError(ProviderError):
    """The resource exists, but could not be configured to the end."""

    def __init__(self, message: str, resource_id: str, state: dict[str, object]) -> None:
        super().__init__(message)
        self.resource_id = resource_id
        self.state = state


_GONE = re.compile(r"NotFound|NoSuch|NotExist|NonExist|\b404\b")

_REMEDIES = {
    "AccessDenied": "Look at aws:accessKey, and at the policies of the local AWS.",
    "BucketNotEmpty": "Empty the bucket, or set forceDestroy on it and run `pulumi up` before destroying it.",
    "DependencyViolation": "Something still uses it: destroy that first, or declare the dependency in the program.",
    "DeleteConflict": "Something is still attached to it: destroy that first.",
    "RepositoryNotEmptyException": "Delete its images, or set forceDelete on it and run `pulumi up` first.",
    "BucketAlreadyOwnedByYou": "Import the bucket, or choose another name.",
    "EntityAlreadyExists": "Import it, or choose another name.",
}


def is_gone(error: Exception) -> bool:
    """Tell whether AWS says that the thing does not exist."""
    return isinstance(error, ClientError) and bool(_GONE.search(error.response["Error"]["Code"]))


def explain(error: Exception) -> str:
    """Put an error of boto3 into a sentence, with a remedy where one is known."""
    if isinstance(error, ClientError):
        code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
        remedy = _REMEDIES.get(code, "")
        return f"{error.operation_name} failed with {code}: {message} {remedy}"
    if isinstance(error, exceptions.ConnectionError | exceptions.HTTPClientError):
        return f"the local AWS does not answer: {error} Is it running? `make run` starts it."
    if isinstance(error, BotoCoreError):
        return f"AWS cannot take these values: {error}"
    return str(error)


def hide(message: str, secrets: Iterable[str]) -> str:
    """Replace every secret text that a message quotes."""
    spellings = {spelling for s in secrets for spelling in (s, repr(s)[1:-1], json.dumps(s)[1:-1])}
    for secret in sorted(spellings, key=len, reverse=True):
        message = message.replace(secret, "[secret]")
    return message
