"""Errors in answers to the callers of the local AWS."""

from moto.core.exceptions import ServiceException


class AwsError(ServiceException):
    """An AWS error with any code; moto writes it in the protocol of the service that raises it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
