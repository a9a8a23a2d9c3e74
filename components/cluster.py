"""The ECS cluster that workers run in, and the repository that their image comes from."""

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.names import Names
from components.part import Part

KEPT_IMAGES = 10


@dataclass(frozen=True, kw_only=True)
class ClusterArgs:
    """Whether CPU and memory of the workers are measured, and whether a repository with images may be deleted."""

    names: Names
    container_insights: bool
    force_destroy: bool


class Cluster(Part):
    """Where workers run, on demand and on spare capacity.

    Creates: an ECS cluster with Fargate's two capacity providers, and an ECR repository with immutable tags.
    """

    arn: pulumi.Output[str]
    repository_url: pulumi.Output[str]

    def __init__(self, name: str, args: ClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, {"containerInsights": args.container_insights}, opts)
        insights = "enabled" if args.container_insights else "disabled"
        cluster = aws.ecs.Cluster(
            name,
            name=args.names.cluster,
            settings=[{"name": "containerInsights", "value": insights}],
            opts=self.child,
        )
        providers = aws.ecs.ClusterCapacityProviders(
            name,
            cluster_name=cluster.name,
            capacity_providers=["FARGATE", "FARGATE_SPOT"],
            opts=self.child,
        )
        repository = aws.ecr.Repository(
            name,
            name=args.names.worker,
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration={"scan_on_push": True},
            force_delete=args.force_destroy,
            opts=self.child,
        )
        aws.ecr.LifecyclePolicy(
            name, repository=repository.name, policy=json.dumps(_keep_the_newest()), opts=self.child
        )
        # A worker can only be started when the providers are there.
        self.arn = pulumi.Output.all(cluster.arn, providers.id).apply(lambda ids: str(ids[0]))
        self.repository_url = repository.repository_url
        self.register_outputs({"arn": self.arn, "repositoryUrl": self.repository_url})


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
