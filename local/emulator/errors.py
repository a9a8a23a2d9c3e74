"""Errors in answers to the callers of the local AWS."""

from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult


class AwsError(ServiceException):
    """An AWS error with any code; moto writes it in the protocol of the service that raises it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)


def answer_of(error: AwsError, response: Any, status: int) -> Any:
    """Return an error as the answer of one of moto's responses, in the protocol of its service."""
    _, headers, body = response.serialized(ActionResult(error))
    # Every answer has a request id, and integrations write it into their causes.
    return status, *response._enrich_response(headers, body)
