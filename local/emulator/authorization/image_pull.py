"""The pull of a task's images from ECR, which the role that starts the task must allow.

The local agent runs an image that is assembled from the checkout; the permissions are evaluated as if it were pulled.
Source: Amazon ECS Developer Guide, "Amazon ECS task execution IAM role", "ResourceInitializationError" and
"CannotPullContainer task errors"; Amazon ECR User Guide, "Amazon ECR private repository policies", on pulling.
"""

import re
from collections.abc import Iterator

from local.emulator.authorization.enforcement import are_roles_enforced, refusal_of
from local.emulator.authorization.identities import execution_role_of, images_of
from local.emulator.authorization.needs import Need

_ECR_IMAGE = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com/(?P<name>[^:@]+)"
)
_PULL = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")


def pull_refusal(task_id: str) -> str | None:
    """Return the reason, as ECS words it, for which a task's images cannot be pulled, or None."""
    identity = execution_role_of(task_id) if are_roles_enforced() else None
    if identity is None:
        return None
    found = (_ECR_IMAGE.match(image) for image in images_of(task_id))
    # The repository of another account has a policy that this AWS does not know.
    images = [match for match in found if match and match["account"] == identity.principal.account]
    if not images:
        return None
    if refused := refusal_of(identity, (Need("ecr:GetAuthorizationToken", "*"),)):
        return (
            "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval "
            "failed: unable to retrieve ecr registry auth: service call has been retried 1 time(s): "
            f"AccessDeniedException: {refused.message}"
        )
    for image in images:
        if refused := refusal_of(identity, tuple(_needs(image))):
            return (
                f"CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref "
                f"{image[0]}: unexpected status: 403 Forbidden: {refused.message}"
            )
    return None


def _needs(image: re.Match[str]) -> Iterator[Need]:
    for action in _PULL:
        yield Need(action, f"arn:aws:ecr:{image['region']}:{image['account']}:repository/{image['name']}")
