"""The ECS cluster that workers run in, created or adopted."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.resources.base import PipelineComponent
from components.settings.adoption import AdoptedCluster
from components.settings.names import Names

# Container Insights publishes the counts of tasks, services and instances all month. Source: Amazon
# CloudWatch User Guide, "Amazon ECS Container Insights metrics".
METRICS_OF_A_CLUSTER = 3


@dataclass(frozen=True, kw_only=True)
class ClusterArgs:
    """The measurement of the workers' CPU and memory, or an existing cluster."""

    names: Names
    container_insights: bool
    execute_command: bool
    log_retention_days: int
    key_arn: pulumi.Input[str]
    adopt: AdoptedCluster | None


class Cluster(PipelineComponent):
    """The cluster of the workers, on demand and on Spot.

    Creates, unless a cluster is adopted: an ECS cluster with Fargate's two capacity providers and, if
    operators may open a shell in a worker, the log group of the shell sessions.
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
            # The owner of the cluster manages its providers: setting them here would remove the owner's.
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
        # A worker can only be started once the cluster has its capacity providers.
        return pulumi.Output.all(cluster.arn, providers.id).apply(lambda found: str(found[0]))

    def _shells(self, name: str, args: ClusterArgs) -> aws.ecs.ClusterConfigurationArgsDict:
        """Return the encryption and logging of shell sessions in workers."""
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
