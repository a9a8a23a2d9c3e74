"""The ECR repository of the workers' image."""

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.resources.base import PipelineComponent
from components.settings.names import Names
from components.settings.worker import RETIRED_PREFIX


@dataclass(frozen=True, kw_only=True)
class RepositoryArgs:
    """The names of the stack; `disposable` allows the repository to be deleted with its images."""

    names: Names
    disposable: bool


class Repository(PipelineComponent):
    """The repository that images are pushed to.

    Creates: an ECR repository with immutable tags that is scanned on every push, and the deletion of retired images.
    """

    url: pulumi.Output[str]

    def __init__(self, name: str, args: RepositoryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, {"retiredPrefix": RETIRED_PREFIX}, opts, keeps_data=not args.disposable)
        repository = aws.ecr.Repository(
            name,
            name=args.names.worker_family,
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration={"scan_on_push": True},
            force_delete=args.disposable,
            opts=self.stateful,
        )
        aws.ecr.LifecyclePolicy(
            name, repository=repository.name, policy=json.dumps(_expire_what_is_retired()), opts=self.child
        )
        self.url = repository.repository_url
        self.register_outputs({"url": self.url})


def _expire_what_is_retired() -> dict[str, object]:
    """Return a lifecycle policy that deletes images with a retired tag, and none by age, count or missing tag.

    A lifecycle policy cannot know which image a task definition names, perhaps by digest only. Source: Amazon
    ECR User Guide, "Lifecycle policy properties in Amazon ECR".
    """
    return {
        "rules": [
            {
                "rulePriority": 1,
                "description": f"Delete images with a tag that begins with {RETIRED_PREFIX}",
                "selection": {
                    "tagStatus": "tagged",
                    "tagPrefixList": [RETIRED_PREFIX],
                    "countType": "sinceImagePushed",
                    "countUnit": "days",
                    "countNumber": 1,
                },
                "action": {"type": "expire"},
            }
        ]
    }
