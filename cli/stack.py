"""A deployed stack: its outputs, and the clients of AWS for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cli import local_stack
from cli.backend import read_outputs
from cli.errors import OperatorError
from cli.exit_codes import ExitCode

_READ_SECONDS = 30
# The reporter has a minute for an invocation, and its client waits for the answer.
_INVOCATION_SECONDS = 75


@dataclass(frozen=True)
class Stack:
    """A deployed stack, with the values of components/outputs.py."""

    name: str
    outputs: Mapping[str, Any]

    @classmethod
    def read(cls, name: str) -> "Stack":
        """Return a stack with its outputs as they are in Pulumi's backend now; nothing is cached.

        Raises:
            OperatorError: if the stack or its backend cannot be read, or if it is not deployed.
        """
        return cls(name, read_outputs(name))

    @property
    def region(self) -> str:
        """The AWS region that the stack is in."""
        return self["aws_region"]

    @property
    def account(self) -> str:
        """The AWS account that the stack is in."""
        return self["step_functions_state_machine_arn"].split(":")[4]

    @property
    def is_local(self) -> bool:
        """True for the stack of this checkout's local AWS."""
        return self.name == local_stack.LOCAL

    def __getitem__(self, output: str) -> str:
        """Return an output that is a text.

        Raises:
            OperatorError: if the stack does not have it.
        """
        try:
            return str(self.outputs[output])
        except KeyError:
            raise OperatorError(
                f"the stack {self.name} has no output `{output}`; it was deployed by an older version, or only in part",
                f"type `pulumi up --stack {self.name}`",
                ExitCode.UNREACHABLE,
            ) from None

    def client(self, service: str) -> Any:
        """Return a boto3 client of a service in the stack's region, with the caller's credentials.

        Raises:
            OperatorError: if the stack is the local one and its AWS does not run.
        """
        if service not in self._clients:
            self._clients[service] = self._new_client(service)
        return self._clients[service]

    @cached_property
    def _clients(self) -> dict[str, Any]:
        return {}

    def _new_client(self, service: str) -> Any:
        if self.is_local:
            return local_stack.local_client(service, region=self.region)
        # Imported late: it takes longer than all else that `ccapi --help` does.
        import boto3  # noqa: PLC0415
        from botocore.config import Config  # noqa: PLC0415

        make: Any = boto3.client
        seconds = _INVOCATION_SECONDS if service == "lambda" else _READ_SECONDS
        config = Config(retries={"mode": "standard"}, connect_timeout=5, read_timeout=seconds)
        try:
            return make(service, region_name=self.region, config=config)
        except ValueError as error:
            # An endpoint or a number in a variable or in a profile; botocore's own errors are no ValueError.
            raise OperatorError(
                f"the AWS settings of this shell cannot be used: {error}".rstrip("."),
                "correct the variable AWS_… or the profile that has it",
                ExitCode.UNREACHABLE,
            ) from None
