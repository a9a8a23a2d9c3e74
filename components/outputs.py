"""The outputs of a stack: what dashboards, scripts and people read, by names that do not change."""

from dataclasses import dataclass, fields
from typing import Annotated

import pulumi

Text = pulumi.Output[str]


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """Everything that a stack tells about itself; no secret is among it."""

    aws_region: Annotated[Text, "The region that the stack is in."]
    step_functions_state_machine_arn: Annotated[Text, "The machine that runs the pipeline."]
    watch_state_machine_arn: Annotated[Text, "The machine that watches the runs."]
    watch_dlq_url: Annotated[Text, "The queue of events that did not reach the watch."]
    eventbridge_schedule_name: Annotated[Text, "The schedule that starts the runs."]
    eventbridge_schedule_group: Annotated[Text, "The group that the schedule is in."]
    dlq_url: Annotated[Text, "The queue of starts that could not be delivered."]
    pipeline_success_topic_arn: Annotated[Text, "The topic that is told of every success."]
    pipeline_failure_topic_arn: Annotated[Text, "The topic that is told of every failure and alarm."]
    notifications_dlq_url: Annotated[Text, "The queue of messages that a subscriber did not take."]
    dashboard_name: Annotated[Text, "The dashboard."]
    dashboard_url: Annotated[Text, "The dashboard's address in the console."]
    ecs_cluster_arn: Annotated[Text, "The cluster that workers run in."]
    ecs_task_definition_arn: Annotated[Text, "The revision that the next run works with."]
    ecr_repository_url: Annotated[Text, "The repository that the image is pushed to."]
    worker_log_group: Annotated[Text, "The log group of the workers."]
    s3_reports_bucket: Annotated[Text, "The bucket of the reports."]
    s3_cache_bucket: Annotated[Text, "The bucket of caches and of what is known of each run."]
    gee_credentials_secret_arn: Annotated[Text, "The secret that Earth Engine's credentials are put into."]
    kms_key_id: Annotated[Text, "The key that everything of the stack is encrypted with."]
    vpc_id: Annotated[Text, "The network of the workers."]
    reporter_function_name: Annotated[Text, "The Lambda function that sends the messages."]
    run_settings_parameter: Annotated[Text, "The parameter that a run reads first."]
    next_step: Annotated[
        Text, "What is left to do before the schedule starts runs, or else when it starts the next three."
    ]

    def export(self) -> None:
        """Export each of them from the current stack."""
        for declared in fields(self):
            pulumi.export(declared.name, getattr(self, declared.name))
