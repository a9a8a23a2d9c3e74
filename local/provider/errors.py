"""Errors with messages for the person who runs Pulumi."""

import json
import re
from collections.abc import Iterable

from botocore import exceptions
from botocore.exceptions import BotoCoreError, ClientError


class ProviderError(Exception):
    """A failure with a message for the user: the fault, its reason and the remedy."""


class PartlyCreatedError(ProviderError):
    """A resource was created, but not completely configured."""

    def __init__(self, message: str, resource_id: str, state: dict[str, object]) -> None:
        super().__init__(message)
        self.resource_id = resource_id
        self.state = state


_GONE = re.compile(r"NotFound|NoSuch|NotExist|NonExist|\b404\b")

_REMEDIES = {
    "AccessDenied": "Check aws:accessKey, and the policies of the local AWS.",
    "BucketNotEmpty": "Empty the bucket, or set forceDestroy on it and run `pulumi up` before destroying it.",
    "DependencyViolation": "Something still uses it: destroy that first, or declare the dependency in the program.",
    "DeleteConflict": "Something is still attached to it: destroy that first.",
    "RepositoryNotEmptyException": "Delete its images, or set forceDelete on it and run `pulumi up` first.",
    "BucketAlreadyOwnedByYou": "Import the bucket, or choose another name.",
    "EntityAlreadyExists": "Import it, or choose another name.",
}


def is_gone(error: Exception) -> bool:
    """Return True if an error means that the resource does not exist."""
    return isinstance(error, ClientError) and bool(_GONE.search(error.response["Error"]["Code"]))


def explain(error: Exception) -> str:
    """Return a sentence about an error of boto3, with its remedy if one is known."""
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
    """Return a message with every secret text replaced."""
    spellings = {spelling for s in secrets for spelling in (s, repr(s)[1:-1], json.dumps(s)[1:-1])}
    for secret in sorted(spellings, key=len, reverse=True):
        message = message.replace(secret, "[secret]")
    return message
