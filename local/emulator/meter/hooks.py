"""The hooks through which the meter observes moto: executions, requests, deliveries, logs and tasks.

Step Functions counts each state that is entered, each attempt after the first, and each child execution of a
distributed Map; the iterations of an inline Map count by their states alone. Sources:
https://aws.amazon.com/step-functions/pricing/ and AWS Step Functions Developer Guide, "Transitions".
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch.models import CloudWatchBackend
from moto.core.responses import BaseResponse
from moto.ecs.models import ecs_backends
from moto.logs.models import LogsBackend
from moto.s3.responses import S3Response
from moto.sns.models import Subscription
from moto.stepfunctions.parser.asl.component.state.exec.execute_state import ExecutionState
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.itemprocessor import (
    distributed_item_processor_worker as distributed,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service import (
    StateTaskService,
)
from moto.stepfunctions.parser.asl.component.state.state import CommonStateField
from moto.stepfunctions.parser.backend.execution import Execution

from local.emulator.callers import Caller, Kind, current, on_behalf_of, writer_of
from local.emulator.child_executions import parent_of
from local.emulator.functions.admin import on_take
from local.emulator.functions.invoke import on_answer
from local.emulator.meter.account import Task
from local.emulator.meter.billing import LOG_EVENT_BYTES, is_counted
from local.emulator.meter.meter import Meter
from local.emulator.moto_patches.ecs_task_life import on_change
from local.emulator.patch import replace

# Amazon ECS Developer Guide, "Task definition parameters for Fargate": ephemeralStorage and cpuArchitecture.
_DEFAULT_STORAGE_GIB = 20
_DEFAULT_ARCHITECTURE = "X86_64"

_SUCCEEDED, _REFUSED = 200, 400


def attach(meter: Meter) -> None:
    """Install the hooks; the meter counts everything that is used from now on."""
    _hook_executions(meter)
    _hook_requests(meter)
    _hook_deliveries_logs_and_schedules(meter)
    on_take(lambda invocation, environment: meter.environment(invocation.caller, environment))
    on_answer(
        lambda caller, function, answer: meter.function(
            caller, answer.billed_milliseconds, int(function.memory_size), function.architectures[0]
        )
    )
    on_change(lambda task: meter.task(current(), task.id, _task(task)))


def _hook_executions(meter: Meter) -> None:
    def start(original: Callable[..., Any], self: Any) -> None:
        meter.start(self.exec_arn, traced=bool(self.state_machine.tracingConfiguration.get("enabled")))
        original(self)

    def enter(original: Callable[..., Any], self: Any, env: Any) -> None:
        _transition(meter, env, self.name)
        original(self, env)

    def attempt(original: Callable[..., Any], self: Any, env: Any) -> None:
        if _context(env)["State"]["RetryCount"]:
            _transition(meter, env, self.name)
        original(self, env)

    def start_child(original: Callable[..., Any], self: Any, env: Any, job: Any) -> None:
        _transition(meter, env, _context(env)["State"]["Name"])
        original(self, env, job)

    def integrate(original: Callable[..., Any], self: Any, env: Any) -> None:
        with on_behalf_of(Caller(Kind.EXECUTION, parent_of(_context(env)["Execution"]["Id"]), self.name)):
            original(self, env)

    replace(Execution, "start", start)
    replace(CommonStateField, "_eval_body", enter)
    replace(ExecutionState, "_evaluate_with_timeout", attempt)
    replace(distributed.DistributedItemProcessorWorker, "_eval_job", start_child)
    replace(StateTaskService, "_eval_execution", integrate)


def _transition(meter: Meter, env: Any, state: str) -> None:
    meter.transition(parent_of(_context(env)["Execution"]["Id"]), state)


def _context(env: Any) -> Any:
    return env.states.context_object.context_object_data


def _hook_requests(meter: Meter) -> None:
    def answer(original: Callable[..., Any], self: Any, *arguments: Any) -> Any:
        caller, status = current(), _REFUSED
        # Read first: while moto answers HeadObject, it renames the action to GetObject.
        operation = self._get_action()
        try:
            answered = original(self, *arguments)
            status = _status(answered)
        finally:
            # moto's S3 raises its refusals.
            if is_counted(status):
                meter.request(caller, f"{self.boto3_service_name}:{operation}")
        return answered

    replace(BaseResponse, "call_action", answer)
    # S3 does not use call_action.
    replace(S3Response, "_bucket_response", answer)
    replace(S3Response, "_key_response", answer)


def _status(answered: Any) -> int:
    return int(answered[0]) if isinstance(answered, tuple) else _SUCCEEDED


def _hook_deliveries_logs_and_schedules(meter: Meter) -> None:
    def deliver(original: Callable[..., Any], self: Any, message: str, *args: Any, **kwargs: Any) -> None:
        wanted = self._filter_policy_matcher
        if wanted is None or wanted.matches(kwargs.get("message_attributes"), message):
            meter.delivery(current(), self.protocol)
        original(self, message, *args, **kwargs)

    def log(original: Callable[..., Any], self: Any, group: str, stream: str, events: Any) -> Any:
        written = original(self, group, stream, events)
        meter.log(_writer(stream), group, sum(_size_bytes(event) for event in events))
        return written

    def put_metrics(original: Callable[..., Any], self: Any, namespace: str, metric_data: Any) -> Any:
        if namespace == "AWS/Scheduler":
            for datum in metric_data:
                if datum["MetricName"] == "InvocationAttemptCount":
                    meter.schedule_invocation(datum["Dimensions"][0]["Value"], int(datum["Value"]))
        return original(self, namespace, metric_data)

    replace(Subscription, "publish", deliver)
    replace(LogsBackend, "put_log_events", log)
    replace(CloudWatchBackend, "put_metric_data", put_metrics)


def _writer(stream: str) -> Caller:
    """Return the writer of a log; the agent writes for the task or environment that the stream is named after."""
    caller = current()
    return writer_of(stream) if caller.kind is Kind.AGENT else caller


def _size_bytes(event: Any) -> int:
    return len(event["message"].encode()) + LOG_EVENT_BYTES


def _task(task: Any) -> Task:
    definition = ecs_backends[task._account_id][task.region_name].describe_task_definition(
        task.task_definition_arn
    )
    storage = task.overrides.get("ephemeralStorage") or definition.ephemeral_storage or {}
    override: Any = task.overrides["containerOverrides"][0]
    container: Any = definition.container_definitions[0]
    network = (getattr(task, "network_configuration", None) or {}).get("awsvpcConfiguration", {})
    return Task(
        arn=task.task_arn,
        command=tuple(override.get("command") or container.get("command") or ()),
        cpu_units=int(task.cpu),
        memory_mib=int(task.memory),
        storage_gib=int(storage.get("sizeInGiB", _DEFAULT_STORAGE_GIB)),
        architecture=(definition.runtime_platform or {}).get("cpuArchitecture", _DEFAULT_ARCHITECTURE),
        capacity_provider=task.capacity_provider_name or "FARGATE",
        has_public_ip=network.get("assignPublicIp") == "ENABLED",
        group=task.group,
        started_by=task.started_by,
        billed_from=_pull_started(task),
        billed_until=getattr(task, "stopped_at", None),
    )


def _pull_started(task: Any) -> datetime | None:
    reported: datetime | None = getattr(task, "pull_started_at", None)
    # Reported in whole seconds, thus up to a second before the task was created.
    return None if reported is None else max(reported.replace(tzinfo=UTC), task.created_at)
