"""The clients of a stack, in the form that the reporter's modules use."""

from functools import cached_property
from typing import Any

from cli.stack import Stack


class StackClients:
    """The clients of AWS for a stack, with the operator's credentials."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    @cached_property
    def s3(self) -> Any:
        """The client of S3."""
        return self._stack.client("s3")

    @cached_property
    def cloudwatch(self) -> Any:
        """The client of CloudWatch."""
        return self._stack.client("cloudwatch")

    @cached_property
    def scheduler(self) -> Any:
        """The client of EventBridge Scheduler."""
        return self._stack.client("scheduler")
