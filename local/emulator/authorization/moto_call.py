"""A request as moto parsed it, with the facts that its permissions depend on."""

from collections.abc import Callable
from typing import Any

from moto.awslambda.models import lambda_backends
from moto.ecs.models import ecs_backends
from moto.s3.models import FakeKey
from moto.secretsmanager.models import secretsmanager_backends

from local.emulator.authorization.documents import find_bucket
from local.emulator.moto_patches.task_tokens import machine_of


class MotoCall:
    """A request to a service."""

    def __init__(self, response: Any, arguments: tuple[Any, ...]) -> None:
        self._response = response
        self._arguments = arguments
        self.region: str = response.region
        self.account: str = response.current_account
        # Read first: while moto answers HeadObject, it renames the action to GetObject.
        self.name = f"{response.boto3_service_name}:{response._get_action()}"

    def get(self, parameter: str) -> Any:
        """Return a parameter of the request, or a fact that follows from one; None if there is none."""
        find = _FACTS.get(parameter)
        return find(self) if find else self._response._get_param(parameter)

    def _bucket(self) -> str | None:
        return self._response.parse_bucket_name_from_url(*self._arguments) or None

    def _key(self) -> str | None:
        return self._response.parse_key_name() or None

    def _is_missing(self) -> bool:
        bucket = find_bucket(str(self._bucket()))
        # A deleted object of a versioned bucket has a marker as its current version.
        return bucket is not None and not isinstance(bucket.keys.get(self._key()), FakeKey)

    def _machine_of_token(self) -> str | None:
        return machine_of(str(self.get("taskToken")))

    def _secret_arn(self) -> str | None:
        name = self.get("SecretId")
        secrets = secretsmanager_backends[self.account][self.region].secrets
        return secrets[name].arn if name in secrets else None

    def _function_arn(self) -> str | None:
        name = self.get("FunctionName")
        function = lambda_backends[self.account][self.region].get_function(name) if name else None
        return function.function_arn if function else None

    def _passed_roles(self) -> list[str]:
        """Return the roles that a new task gets."""
        backend = ecs_backends[self.account][self.region]
        definition = backend.describe_task_definition(self.get("taskDefinition"))
        overrides = self.get("overrides") or {}
        roles = (
            overrides.get("taskRoleArn") or getattr(definition, "task_role_arn", None),
            overrides.get("executionRoleArn") or getattr(definition, "execution_role_arn", None),
        )
        return [role for role in roles if role]


_FACTS: dict[str, Callable[[MotoCall], Any]] = {
    "Bucket": MotoCall._bucket,
    "Key": MotoCall._key,
    "isMissing": MotoCall._is_missing,
    "machineOfToken": MotoCall._machine_of_token,
    "secretArn": MotoCall._secret_arn,
    "functionArn": MotoCall._function_arn,
    "passedRoles": MotoCall._passed_roles,
}
