"""The permissions of a job's program in AWS, and the secrets that it gets."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pulumi

from components.machines.asl import Permission
from components.resources.iam import allow

# A secret's ARN may end in a JSON key, a version's stage and its identifier. Source: Amazon ECS Developer Guide,
# "Pass Secrets Manager secrets through Amazon ECS environment variables".
_SECRET = re.compile(r"arn:[^:]+:secretsmanager:[^:]*:[^:]*:secret:[^:]+")
_PARAMETER = re.compile(r"arn:[^:]+:ssm:[^:]*:[^:]*:parameter/.+")
# A program's variable may have the name of one of the worker's own.
VARIABLE_PREFIX = "PROGRAM_SECRET_"


@dataclass(frozen=True, kw_only=True)
class ProgramPermission:
    """Actions of AWS that a program may perform on resources."""

    actions: Sequence[str]
    """Such as `s3:PutObject`."""
    resources: Sequence[pulumi.Input[str]]
    """ARNs, which may be outputs of other resources; `*` only for actions that AWS cannot limit to a resource."""


@dataclass(frozen=True, kw_only=True)
class ProgramAccess:
    """The permissions of a program, and its variables whose values are secrets."""

    permissions: Sequence[ProgramPermission] = ()
    secrets: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """The ARN of a secret in Secrets Manager or of a parameter in Parameter Store, by the name of the variable."""

    @property
    def uses_aws(self) -> bool:
        """True if the program gets the credentials of the task's role."""
        return bool(self.permissions)

    def container_secrets(self) -> list[dict[str, Any]]:
        """Return the secrets as a container definition lists them; the worker gives them to the program alone."""
        return [
            {"name": f"{VARIABLE_PREFIX}{name}", "valueFrom": self.secrets[name]}
            for name in sorted(self.secrets)
        ]

    def task_statements(self) -> Iterator[pulumi.Output[dict[str, Any]]]:
        """Yield the statements for the role of the running task."""
        for permission in self.permissions:
            yield pulumi.Output.all(*permission.resources).apply(partial(_statement, permission.actions))

    def start_statements(self) -> Iterator[pulumi.Output[dict[str, Any]]]:
        """Yield the statements for the role that starts a task, which reads the secrets."""
        for name in sorted(self.secrets):
            yield pulumi.Output.from_input(self.secrets[name]).apply(_read)


def fault_of_secret(arn: str) -> str | None:
    """Return what is wrong with the ARN of a secret, and the remedy."""
    if _SECRET.match(arn) or _PARAMETER.fullmatch(arn):
        return None
    return (
        f"{arn!r} is neither the ARN of a secret in Secrets Manager nor of a parameter; write one such as "
        "arn:aws:secretsmanager:us-east-1:111111111111:secret:export/database-AbCdEf"
    )


def _statement(actions: Sequence[str], resources: Sequence[str]) -> dict[str, Any]:
    return allow(Permission(tuple(actions), tuple(resources)))


def _read(arn: str) -> dict[str, Any]:
    if fault := fault_of_secret(arn):
        raise pulumi.RunError(f"a secret of the program: {fault}")
    if found := _SECRET.match(arn):
        return _statement(["secretsmanager:GetSecretValue"], [found[0]])
    return _statement(["ssm:GetParameters"], [arn])
