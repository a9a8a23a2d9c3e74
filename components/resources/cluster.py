"""The ECS cluster that workers run in, created or adopted."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.resources.base import PipelineComponent
from components.settings.adoption import AdoptedCluster
from components.settings.names import Names

# The counts of tasks, services and instances, which Container Insights publishes all month.
# Source: Amazon CloudWatch User Guide, "Amazon ECS Container Insights metrics".
METRICS_OF_A_CLUSTER = 3


@dataclass(frozen=True, kw_only=True)
class ClusterArgs:
    """Whether CPU and memory of the workers are measured; or the cluster that is there."""

    names: Names
    container_insights: bool
    execute_command: bool
    log_retention_days: int
    key_arn: pulumi.Input[str]
    adopt: AdoptedCluster | None


class Cluster(PipelineComponent):
    """Where workers run, on demand and on spare capacity.

    Creates, unless a cluster is adopted: an ECS cluster with Fargate's two capacity providers and, where people may
    open a shell in a worker, the log group of what they type.
    """

    arn: pulumi.Output[str]

    def __init__(self, name: str, args: ClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        inputs: dict[str, pulumi.Input[object]] = {
            "adopted": args.adopt is not None,
            "containerInsights": args.container_insights,
        }
        if args.container_insights:
            inputs["expected"] = {"month": {"container_insights_metric_month": METRICS_OF_A_CLUSTER}}
        super().__init__(name, inputs, opts)
        if args.adopt is not None:
            # Its providers belong to whoever made it: setting them would take away those of others.
            self.arn = pulumi.Output.from_input(args.names.cluster_arn)
        else:
            self.arn = self._create(name, args)
        self.register_outputs({"arn": self.arn})

    def _create(self, name: str, args: ClusterArgs) -> pulumi.Output[str]:
        insights = "enabled" if args.container_insights else "disabled"
        cluster = aws.ecs.Cluster(
            name,
            name=args.names.cluster,
            settings=[{"name": "containerInsights", "value": insights}],
            configuration=self._shells(name, args) if args.execute_command else None,
            opts=self.child,
        )
        providers = aws.ecs.ClusterCapacityProviders(
            name,
            cluster_name=cluster.name,
            capacity_providers=["FARGATE", "FARGATE_SPOT"],
            opts=self.child,
        )
        # A worker can only be started when the providers are there.
        return pulumi.Output.all(cluster.arn, providers.id).apply(lambda found: str(found[0]))

    def _shells(self, name: str, args: ClusterArgs) -> aws.ecs.ClusterConfigurationArgsDict:
        """Return how shells in workers are encrypted and logged."""
        logs = aws.cloudwatch.LogGroup(
            f"{name}-shell",
            name=args.names.shell_log_group,
            retention_in_days=args.log_retention_days,
            kms_key_id=args.key_arn,
            opts=self.child,
        )
        return {
            "execute_command_configuration": {
                "kms_key_id": args.key_arn,
                "logging": "OVERRIDE",
                "log_configuration": {
                    "cloud_watch_encryption_enabled": True,
                    "cloud_watch_log_group_name": logs.name,
                },
            }
        }
