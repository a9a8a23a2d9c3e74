"""A scheduled job on Fargate: every part of a pipeline, put together."""

from datetime import UTC, datetime

import pulumi

from components.configuration import aws_provider
from components.cost.expected import expected_run, expected_watch
from components.cost.happy_path import billed_besides
from components.cost.unit_prices import unit_prices
from components.job_arguments import ScheduledFargateJobArgs, given_provider, job_stack
from components.machines.watch.machine import watch_machine
from components.machines.weekly.machine import weekly_machine
from components.outputs import VERSION, Outputs
from components.resources.base import PipelineComponent
from components.resources.budget import PARTITIONS, Budget, BudgetArgs
from components.resources.cluster import Cluster, ClusterArgs
from components.resources.dashboard import dashboard_body
from components.resources.encryption import Encryption, EncryptionArgs
from components.resources.monitoring import Monitoring, MonitoringArgs
from components.resources.network import Network, NetworkArgs
from components.resources.notifier import Notifier, NotifierArgs
from components.resources.program_access import ProgramAccess, ProgramPermission
from components.resources.reporter import Reporter, ReporterArgs
from components.resources.reporter_settings import reporter_settings
from components.resources.repository import Repository, RepositoryArgs
from components.resources.run_settings import RunSettings, RunSettingsArgs
from components.resources.scheduler import Scheduler, SchedulerArgs
from components.resources.secrets import CHANNELS, Secrets, SecretsArgs
from components.resources.state_machine import StateMachine, StateMachineArgs
from components.resources.storage import Storage, StorageArgs, cache_retention_days
from components.resources.task_definition import TaskDefinition, TaskDefinitionArgs
from components.resources.watch_triggers import WatchTriggers, WatchTriggersArgs
from components.settings import Settings
from components.settings.names import Names
from components.settings.next_starts import next_starts, skipped_starts
from components.settings.shard_count import explained

__all__ = ["ProgramPermission", "ScheduledFargateJob", "ScheduledFargateJobArgs"]

# Environments where `pulumi destroy` may delete a stack together with its data.
DISPOSABLE_ENVIRONMENTS = frozenset({"dev", "local"})


class ScheduledFargateJob(PipelineComponent):
    """A program on Fargate that a schedule starts for a list of items, with all that its operation needs.

    Creates: `Encryption`, `Secrets`, `Network`, `Storage`, `Cluster`, `Repository`, `TaskDefinition`, `RunSettings`,
    `Notifier`, `Reporter`, `StateMachine` for the runs and for the watch, `Scheduler`, `WatchTriggers`, `Monitoring`
    and, where AWS has them, `Budget`.
    """

    outputs: Outputs

    def __init__(
        self, name: str, args: ScheduledFargateJobArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        now = datetime.now(UTC)
        provider = given_provider(opts)
        stack = job_stack(name, args, provider, now)
        if provider is None:
            own = pulumi.ResourceOptions(providers={"aws": aws_provider(stack, f"{name}-aws")})
            opts = pulumi.ResourceOptions.merge(opts, own)
        access = ProgramAccess(permissions=args.permissions, secrets=args.secrets)
        self._create(name, stack.settings, now, opts, access)

    def _create(
        self,
        name: str,
        settings: Settings,
        now: datetime,
        opts: pulumi.ResourceOptions | None,
        access: ProgramAccess,
    ) -> None:
        """Create every part; the next starts are counted from `now`, on which no resource depends."""
        names = Names.of(settings)
        size = settings.worker.task_size(settings.monitoring.regions_count)
        disposable = settings.environment in DISPOSABLE_ENVIRONMENTS
        weekly, watching = weekly_machine(settings, names), watch_machine(settings, names)
        super().__init__(
            name,
            {
                "environment": settings.environment,
                "regions": settings.monitoring.regions_count,
                "shards": settings.worker.shards,
            },
            opts,
        )
        encryption = Encryption(
            f"{name}-encryption", EncryptionArgs(names=names, disposable=disposable), self.child
        )
        secrets = Secrets(
            f"{name}-secrets",
            SecretsArgs(
                names=names,
                key_arn=encryption.key_arn,
                channels=_credentials(settings),
                disposable=disposable,
            ),
            self.child,
        )
        network = Network(
            f"{name}-network",
            NetworkArgs(
                region=settings.region,
                settings=settings.network,
                execute_command=settings.worker.execute_command,
            ),
            self.child,
        )
        storage = Storage(
            f"{name}-storage",
            StorageArgs(
                names=names,
                report_retention_days=settings.observability.report_retention_days,
                cache_retention_days=cache_retention_days(settings.schedule),
                key_arn=encryption.key_arn,
                disposable=disposable,
                adopt=settings.storage.adopt,
            ),
            self.child,
        )
        cluster = Cluster(
            f"{name}-cluster",
            ClusterArgs(
                names=names,
                container_insights=settings.observability.container_insights,
                execute_command=settings.worker.execute_command,
                log_retention_days=settings.observability.log_retention_days,
                key_arn=encryption.key_arn,
                adopt=settings.cluster.adopt,
            ),
            self.child,
        )
        repository = Repository(
            f"{name}-repository", RepositoryArgs(names=names, disposable=disposable), self.child
        )
        worker = TaskDefinition(
            f"{name}-worker",
            TaskDefinitionArgs(
                names=names,
                worker=settings.worker,
                command=settings.command,
                each=settings.each,
                monitoring=settings.monitoring,
                size=size,
                run=settings.run,
                log_retention_days=settings.observability.log_retention_days,
                disposable=disposable,
                key_arn=encryption.key_arn,
                access=access,
            ),
            self.child,
        )
        run_settings = RunSettings(
            f"{name}-run-settings",
            RunSettingsArgs(
                names=names,
                zone=settings.schedule.zone,
                cluster_arn=cluster.arn,
                task_definition_arn=worker.arn,
                subnet_ids=network.subnet_ids,
                security_group_ids=network.security_group_ids,
                assign_public_ip=network.assign_public_ip,
                unit_prices=unit_prices(settings, billed_besides(settings, weekly)),
            ),
            self.child,
        )
        notifier = Notifier(
            f"{name}-notifier",
            NotifierArgs(
                names=names,
                key_arn=encryption.key_arn,
                success_emails=settings.notifications.success_emails,
                failure_emails=settings.notifications.failure_emails,
                alarm_emails=settings.notifications.alarm_emails,
            ),
            self.child,
        )
        reporter = Reporter(
            f"{name}-reporter",
            ReporterArgs(
                names=names,
                settings=reporter_settings(settings, names),
                secret=CHANNELS if settings.credentials else None,
                key_arn=encryption.key_arn,
                events_topic_arn=notifier.events_topic_arn,
                has_alarms_topic=notifier.alarms_topic_arn is not None,
                dead_letter_queue_arn=notifier.queue_arn,
                log_retention_days=settings.observability.log_retention_days,
                tracing=settings.observability.tracing,
                reserved_concurrency=settings.notifications.reserved_concurrency,
            ),
            # Their names are in its settings.
            pulumi.ResourceOptions(parent=self, depends_on=[notifier, secrets, storage]),
        )
        machine = StateMachine(
            f"{name}-machine",
            StateMachineArgs(
                names=names,
                name=names.machine,
                role="step-functions",
                machine=weekly,
                expected=expected_run(settings, weekly),
                log_retention_days=settings.observability.log_retention_days,
                tracing=settings.observability.tracing,
                key_arn=encryption.key_arn,
            ),
            # The definition names them without reading them, so that it is known before they are there.
            pulumi.ResourceOptions(parent=self, depends_on=[notifier, reporter, run_settings, storage]),
        )
        scheduler = Scheduler(
            f"{name}-scheduler",
            SchedulerArgs(
                names=names,
                schedule=settings.schedule,
                monitoring=settings.monitoring,
                enabled=settings.schedule.enabled and settings.worker.image is not None,
                machine_arn=machine.arn,
                key_arn=encryption.key_arn,
            ),
            self.child,
        )
        watch = StateMachine(
            f"{name}-watch",
            StateMachineArgs(
                names=names,
                name=names.watch,
                role="watch",
                machine=watching,
                expected=expected_watch(settings, watching, f"{name}-machine"),
                log_retention_days=settings.observability.log_retention_days,
                tracing=settings.observability.tracing,
                key_arn=encryption.key_arn,
            ),
            pulumi.ResourceOptions(
                parent=self, depends_on=[notifier, reporter, run_settings, storage, scheduler]
            ),
        )
        watcher = WatchTriggers(
            f"{name}-watcher",
            WatchTriggersArgs(
                names=names,
                machine_arn=watch.arn,
                schedule_group=scheduler.schedule_group_name,
                key_arn=encryption.key_arn,
            ),
            self.child,
        )
        metrics = Monitoring(
            f"{name}-metrics",
            MonitoringArgs(
                names=names,
                timeout_seconds=settings.run.timeout_seconds,
                schedule=settings.schedule,
                dashboard_body=dashboard_body(settings, names),
                events_topic_arn=notifier.events_topic_arn,
                direct_topic_arns=notifier.direct_topic_arns,
            ),
            # An alarm on the silence of the watch would ring before it has been started.
            pulumi.ResourceOptions(parent=self, depends_on=[watcher]),
        )
        if names.partition in PARTITIONS:
            Budget(
                f"{name}-budget",
                BudgetArgs(
                    names=names,
                    monthly_usd=settings.budget.monthly_usd,
                    topic_arn=notifier.events_topic_arn,
                ),
                self.child,
            )
        self.outputs = Outputs(
            outputs_version=pulumi.Output.from_input(VERSION),
            environment=pulumi.Output.from_input(settings.environment),
            aws_region=pulumi.Output.from_input(settings.region),
            metric_namespace=pulumi.Output.from_input(names.metric_namespace),
            run_timeout_seconds=pulumi.Output.from_input(settings.run.timeout_seconds),
            success_overdue_hours=pulumi.Output.from_input(settings.schedule.missed_after_hours),
            alarm_arns=metrics.alarm_arns,
            step_functions_state_machine_arn=machine.arn,
            watch_state_machine_arn=watch.arn,
            watch_dlq_url=watcher.queue_url,
            eventbridge_schedule_name=scheduler.schedule_name,
            eventbridge_schedule_group=scheduler.schedule_group_name,
            eventbridge_schedule_state=pulumi.Output.from_input(scheduler.state),
            dlq_url=scheduler.queue_url,
            notifications_dlq_url=notifier.queue_url,
            pipeline_success_topic_arn=notifier.success_topic_arn,
            pipeline_failure_topic_arn=notifier.failure_topic_arn,
            pipeline_alarms_topic_arn=notifier.alarms_topic_arn or pulumi.Output.from_input(""),
            dashboard_name=metrics.dashboard_name,
            dashboard_url=pulumi.Output.from_input(names.dashboard_url),
            ecs_cluster_arn=cluster.arn,
            ecs_task_definition_arn=worker.arn,
            ecr_repository_url=repository.url,
            worker_log_group=worker.log_group_name,
            s3_reports_bucket=storage.reports_bucket,
            s3_cache_bucket=storage.cache_bucket,
            gee_credentials_secret_arn=secrets.earth_engine_arn,
            kms_key_id=encryption.key_id,
            vpc_id=network.vpc_id,
            run_settings_parameter=run_settings.parameter_name,
            reporter_function_name=reporter.function_name,
            next_step=pulumi.Output.from_input(next_step(settings, names, now)),
        )
        self._say_how_many_shards(settings)
        self._say_when_it_starts(settings, now)
        self.register_outputs({"stateMachineArn": machine.arn})

    def _say_how_many_shards(self, settings: Settings) -> None:
        """Log the number of shards that follows from a target, in every preview and deployment."""
        if sentence := explained(settings.worker, settings.monitoring.regions_count):
            pulumi.info(sentence, self)

    def _say_when_it_starts(self, settings: Settings, now: datetime) -> None:
        """Log the next starts, and warn of those that are lost, in every preview and deployment."""
        if not settings.schedule.enabled:
            return
        head = "Next starts" if settings.worker.image is not None else "Next starts, once there is an image"
        pulumi.info(f"{head}: {next_starts(settings.schedule, now)}.", self)
        for warning in skipped_starts(settings.schedule, now):
            pulumi.warn(warning, self)


def _credentials(settings: Settings) -> dict[str, pulumi.Output[str]]:
    """Return the credentials of the channels that are set, by the names of their settings."""
    return {
        key: pulumi.Output.secret(value.get_secret_value()) for key, value in settings.credentials.items()
    }


def next_step(settings: Settings, names: Names, now: datetime) -> str:
    """Return what is left to do before the schedule starts runs, or when it does; it changes as starts pass."""
    if settings.worker.image is None:
        return f"Push an image to {names.repository_url} and name it as {settings.project}:worker.image."
    if not settings.schedule.enabled:
        return "Nothing starts by itself; start a run by hand, or enable the schedule."
    return f"Nothing; the schedule starts the next runs at {next_starts(settings.schedule, now)}."
