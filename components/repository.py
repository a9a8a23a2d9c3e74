"""The repository that the workers' image comes from."""

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.names import Names
from components.part import Part

KEPT_IMAGES = 10


@dataclass(frozen=True, kw_only=True)
class RepositoryArgs:
    """Whether a repository with images may be deleted."""

    names: Names
    disposable: bool


class Repository(Part):
    """Where images are pushed to.

    Creates: an ECR repository with immutable tags that is scanned on every push, and the deletion of old images.
    """

    url: pulumi.Output[str]

    def __init__(self, name: str, args: RepositoryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, {"keptImages": KEPT_IMAGES}, opts, keeps_data=not args.disposable)
        repository = aws.ecr.Repository(
            name,
            name=args.names.worker,
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration={"scan_on_push": True},
            force_delete=args.disposable,
            opts=self.stateful,
        )
        aws.ecr.LifecyclePolicy(
            name, repository=repository.name, policy=json.dumps(_keep_the_newest()), opts=self.child
        )
        self.url = repository.repository_url
        self.register_outputs({"url": self.url})


def _keep_the_newest() -> dict[str, object]:
    return {
        "rules": [
            {
                "rulePriority": 1,
                "description": f"Keep the newest {KEPT_IMAGES} images",
                "selection": {
                    "tagStatus": "any",
                    "countType": "imageCountMoreThan",
                    "countNumber": KEPT_IMAGES,
                },
                "action": {"type": "expire"},
            }
        ]
    }
