"""What moto does otherwise than AWS, one module a gap, each named in the README beside this folder."""

from local.emulator.gaps import (
    bucket_policies,
    budget_details,
    context_object,
    definition_checks,
    definition_reading,
    definition_validation,
    delete_markers,
    ecs_integration,
    ecs_run_task,
    ecs_task_events,
    ecs_task_life,
    ecs_task_lists,
    error_names,
    event_targets,
    execution_end,
    execution_events,
    execution_logs,
    execution_names,
    heartbeat_timeout,
    integration_clients,
    integration_errors,
    integration_parameters,
    jsonata,
    request_payment,
    rule_descriptions,
    schedule_expressions,
    sns_publish,
    subscription_states,
    task_tokens,
    unserved_operations,
)

GAPS = (
    delete_markers,
    bucket_policies,
    request_payment,
    jsonata,
    context_object,
    definition_checks,
    execution_logs,
    schedule_expressions,
    sns_publish,
    subscription_states,
    definition_reading,
    integration_parameters,
    integration_clients,
    integration_errors,
    ecs_integration,
    ecs_run_task,
    ecs_task_life,
    ecs_task_lists,
    ecs_task_events,
    heartbeat_timeout,
    error_names,
    task_tokens,
    execution_names,
    execution_end,
    execution_events,
    event_targets,
    definition_validation,
    budget_details,
    rule_descriptions,
    # The last one, so that nothing comes between it and moto.
    unserved_operations,
)


def fill_all() -> None:
    """Fill every gap; once in a process."""
    for gap in GAPS:
        gap.fill()
