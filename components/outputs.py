"""The outputs of a stack: a versioned contract with the dashboards, scripts and operators that read them."""

from dataclasses import dataclass, fields
from typing import Annotated

import pulumi

VERSION = "1.0"
"""The version of the outputs, MAJOR.MINOR.

The minor version increases when an output is added; the major version when an output is removed, renamed or gets
another type. A program that reads the outputs checks the major version.
"""

Text = pulumi.Output[str]
Number = pulumi.Output[int]
Texts = pulumi.Output[list[str]]


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """All outputs of a stack; none is a secret."""

    outputs_version: Annotated[Text, "The version of these outputs, MAJOR.MINOR."]
    environment: Annotated[Text, "The environment of the stack."]
    aws_region: Annotated[Text, "The region that the stack is in."]
    metric_namespace: Annotated[Text, "The CloudWatch namespace of the stack's own metrics."]
    run_timeout_seconds: Annotated[Number, "The number of seconds after which a run is ended."]
    success_overdue_hours: Annotated[
        Number, "The number of hours without a success after which an alarm goes off."
    ]
    alarm_arns: Annotated[Texts, "The alarms of the stack."]
    step_functions_state_machine_arn: Annotated[Text, "The state machine that runs the pipeline."]
    watch_state_machine_arn: Annotated[Text, "The state machine that watches the runs."]
    watch_dlq_url: Annotated[Text, "The dead-letter queue of events that could not start the watch machine."]
    eventbridge_schedule_name: Annotated[Text, "The schedule that starts the runs."]
    eventbridge_schedule_group: Annotated[Text, "The group of the schedule."]
    eventbridge_schedule_state: Annotated[
        Text,
        "The state that the settings give the schedule: ENABLED or DISABLED; an operator may have changed it since.",
    ]
    dlq_url: Annotated[Text, "The dead-letter queue of starts that could not be delivered."]
    pipeline_success_topic_arn: Annotated[Text, "The topic for notices of successful runs."]
    pipeline_failure_topic_arn: Annotated[Text, "The topic for notices of failed runs and of alarms."]
    pipeline_alarms_topic_arn: Annotated[
        Text, "The topic of the addresses that get alarms only; empty without any."
    ]
    notifications_dlq_url: Annotated[
        Text, "The dead-letter queue of messages that a subscriber did not accept."
    ]
    dashboard_name: Annotated[Text, "The dashboard."]
    dashboard_url: Annotated[Text, "The console URL of the dashboard."]
    ecs_cluster_arn: Annotated[Text, "The cluster that workers run in."]
    ecs_task_definition_arn: Annotated[Text, "The task definition revision that the next run uses."]
    ecr_repository_url: Annotated[Text, "The repository that the image is pushed to."]
    worker_log_group: Annotated[Text, "The log group of the workers."]
    s3_reports_bucket: Annotated[Text, "The bucket of the reports."]
    s3_cache_bucket: Annotated[Text, "The bucket for caches and for the records of each run."]
    gee_credentials_secret_arn: Annotated[Text, "The secret for the credentials of Earth Engine."]
    kms_key_id: Annotated[Text, "The key that encrypts everything of the stack."]
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
