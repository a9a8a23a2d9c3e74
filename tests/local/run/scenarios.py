"""Faults on a kept stack, so that every kind of call that its policies allow happens."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import psutil

from local.agent.schedules.timing import Timing
from local.channels.client import LocalChannels
from tests.local.emulator.local_aws import eventually
from tests.local.run.kept import Kept

LOG_GROUP = "/aws/ecs/ccapi-local"
RETRIES = 50


@contextmanager
def suspended(worker: psutil.Process) -> Iterator[None]:
    """Suspend a worker and the processes of its regions for the block."""
    processes = [worker, *worker.children(recursive=True)]
    for process in processes:
        process.suspend()
    try:
        yield
    finally:
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.resume()


class Scenarios:
    """The scenarios, each of which a test may call once, in any order up to `without_targets`."""

    def __init__(self, kept: Kept) -> None:
        self.kept = kept
        self.states = kept.client("stepfunctions")
        machines = self.states.list_state_machines()["stateMachines"]
        arns = {machine["name"]: machine["stateMachineArn"] for machine in machines}
        self.weekly, self.watch = arns["ccapi-weekly-monitoring-local"], arns["ccapi-watch-local"]
        self.cache, self.reports = self._bucket("cache"), self._bucket("reports")
        self.channels = LocalChannels.read(kept.checkout.path / ".local" / "credentials")
        kept.change_machine(self.weekly)

    def all(self) -> Iterator[Callable[[], None]]:
        """Yield every scenario; the last one deletes what others need."""
        yield self.second_start
        yield self.refused_input
        yield self.crashed_worker
        yield self.stopped_run
        yield self.stopped_run_without_workers
        yield self.stopped_run_without_a_summary
        yield self.failing_reporter
        yield self.silent_channels
        yield self.repeated_message
        yield self.first_success
        yield self.alarms
        yield self.refused_starts
        yield self.without_targets

    def second_start(self) -> None:
        """A run that has succeeded or failed is started again: the claim is read, and a damaged history put aside."""
        # A damaged history is kept under another key, and a new one is begun.
        self.kept.client("s3").put_object(Bucket=self.reports, Key="history.json", Body=b"{")
        (first,) = self.states.list_executions(stateMachineArn=self.weekly)["executions"][-1:]
        given = self.states.describe_execution(executionArn=first["executionArn"])["input"]
        self.run(json.loads(given))
        self.run({**json.loads(given), "run_id": self.kept.checkout.last_run["run_id"]})

    def refused_input(self) -> None:
        """The worker that validates refuses the input."""
        self.run({"regions": ["nowhere"]})

    def crashed_worker(self) -> None:
        """A worker is killed; the watch machine fails its token, and the next one reads the journal."""
        with self.kept.slowed(self.weekly, seconds_per_region=5):
            execution = self.start({"regions_count": 1})
            self.kept.worker().kill()
        self.kept.ended(execution)

    def stalled_worker(self) -> None:
        """A worker hangs, and its token fails: the machine stops it, and starts another."""
        with self.kept.slowed(self.weekly, seconds_per_region=3):
            execution = self.start({"regions_count": 1})
            worker = self.kept.worker()
        with suspended(worker):
            self._answer_for(execution)
            self.kept.ended(execution)

    def _answer_for(self, execution: str) -> None:
        """Fail the token of a worker that is suspended, so that its machine sweeps its orphans."""
        for task in self.tasks("monitor"):
            variables = {
                item["name"]: item["value"]
                for item in task["overrides"]["containerOverrides"][0]["environment"]
            }
            if variables["EXECUTION"] == execution:
                self.states.send_task_failure(
                    taskToken=variables["TASK_TOKEN"], error="Worker.Interrupted", cause="a scenario"
                )

    def stopped_run(self) -> None:
        """An operator stops a run; while a worker sums it up, both machines look for workers without an execution."""
        with self.kept.slowed(self.weekly, seconds_per_region=5):
            execution = self.start({"regions_count": 1})
            self.kept.worker()
        self.states.stop_execution(executionArn=execution, error="Operator", cause="a scenario")
        with suspended(self.kept.worker("summarize")):
            self.sweep()
            self.stalled_worker()
        eventually(lambda: not self._is_watch_running())

    def stopped_run_without_workers(self) -> None:
        """The worker that sums up a stopped run cannot start; the watch machine fails its token."""
        logs = self.kept.client("logs")

        def break_start(_: str) -> None:
            logs.delete_log_group(logGroupName=LOG_GROUP)

        self._stop_while_working(break_start)
        logs.create_log_group(logGroupName=LOG_GROUP)

    def stopped_run_without_a_summary(self) -> None:
        """The worker that sums up a stopped run cannot write the summary, and fails."""

        def refuse_summary(run_id: str) -> None:
            path = f"/{self.reports}/weekly/{run_id}/summary.json"
            self.fault("s3:PutObject", "AccessDenied", status=403, match={"path": path})

        self._stop_while_working(refuse_summary)
        self.kept.aws.admin("DELETE", "faults")

    def _stop_while_working(self, change: Callable[[str], None] = lambda _: None) -> None:
        with self.kept.slowed(self.weekly, seconds_per_region=5):
            execution = self.start({"regions_count": 1})
            self.kept.worker()
        change(execution.rpartition(":")[2])
        before = len(self._watch_executions())
        self.states.stop_execution(executionArn=execution, error="Operator", cause="a scenario")
        eventually(lambda: len(self._watch_executions()) > before and not self._is_watch_running())
        eventually(lambda: not self.tasks("monitor"))

    def failing_reporter(self) -> None:
        """The reporter cannot be invoked: both machines publish the outcome themselves."""
        self.fault("lambda:Invoke", "ServiceException")
        self.run({"regions": ["nowhere"]})
        self._stop_while_working()
        self.kept.aws.admin("DELETE", "faults")

    def silent_channels(self) -> None:
        """No channel takes a message: it is kept in the queue, and the claim of the message is deleted."""
        for channel in ("slack", "pagerduty", "webhook"):
            self.channels.call("POST", "faults", {"channel": channel, "status": 500, "times": RETRIES})
        self.fault("sns:Publish", "InternalError", status=500, times=20)
        self.run({"regions": ["nowhere"]})
        self.kept.aws.admin("DELETE", "faults")
        self.run({"regions": ["nowhere"]})
        self.channels.call("DELETE", "faults")

    def repeated_message(self) -> None:
        """A message is sent twice; the second time, the function finds that it was sent."""
        for _ in range(2):
            self.kept.client("lambda").invoke(
                FunctionName="ccapi-reporter-local", Payload=json.dumps({"test": "scenario"})
            )

    def first_success(self) -> None:
        """No success is recorded yet: the watch machine finds no object."""
        self.kept.client("s3").delete_object(Bucket=self.cache, Key="state/last-success.json")
        self.sweep()

    def alarms(self) -> None:
        """Every alarm goes off."""
        cloudwatch = self.kept.client("cloudwatch")
        for alarm in cloudwatch.describe_alarms()["MetricAlarms"]:
            cloudwatch.set_alarm_state(
                AlarmName=alarm["AlarmName"], StateValue="ALARM", StateReason="a scenario"
            )

    def refused_starts(self) -> None:
        """Both schedules fail to start their machine, and each keeps the start in its queue."""
        scheduler = self.kept.client("scheduler")
        for listed in scheduler.list_schedules()["Schedules"]:
            schedule = scheduler.get_schedule(Name=listed["Name"], GroupName=listed["GroupName"])
            now = datetime.fromisoformat(self.kept.aws.admin("GET", "clock")["now"])
            due = Timing.of(schedule).next_fire_time(now)
            assert due
            self.fault("stepfunctions:StartExecution", "StateMachineDoesNotExist", times=1)
            window = schedule["FlexibleTimeWindow"].get("MaximumWindowInMinutes", 0)
            self.kept.aws.admin("POST", "clock", {"advance_to": due.isoformat(), "skip": True})
            later = due + timedelta(minutes=window + 1)
            self.kept.aws.admin("POST", "clock", {"advance_to": later.isoformat()})
            url = self._queue_url(schedule["Target"]["DeadLetterConfig"]["Arn"])
            eventually(partial(self._has_messages, url))
            self.kept.aws.admin("DELETE", "faults")

    def without_targets(self) -> None:
        """The function and the watch machine are gone: their topic and rules keep messages in queues."""
        self.kept.client("lambda").delete_function(FunctionName="ccapi-reporter-local")
        cloudwatch = self.kept.client("cloudwatch")
        for alarm in cloudwatch.describe_alarms()["MetricAlarms"]:
            cloudwatch.set_alarm_state(AlarmName=alarm["AlarmName"], StateValue="OK", StateReason="over")
        self.states.delete_state_machine(stateMachineArn=self.watch)
        sqs = self.kept.client("sqs")
        (url,) = sqs.list_queues(QueueNamePrefix="ccapi-watch")["QueueUrls"]
        # The queue also has the start that the schedule could not deliver.
        sqs.purge_queue(QueueUrl=url)
        self.states.stop_execution(executionArn=self.start({"regions_count": 1}))
        eventually(lambda: self._has_messages(url))

    def start(self, given: Any) -> str:
        """Start a run, once the workers of the one before have stopped."""
        eventually(lambda: not self.tasks("monitor"))
        started = self.states.start_execution(stateMachineArn=self.weekly, input=json.dumps(given))
        return str(started["executionArn"])

    def run(self, given: Any) -> dict[str, Any]:
        return self.kept.ended(self.start(given))

    def sweep(self) -> None:
        started = self.states.start_execution(stateMachineArn=self.watch, input='{"sweep": true}')
        self.kept.ended(started["executionArn"])

    def fault(self, operation: str, error: str, **fields: Any) -> None:
        fault = {"operation": operation, "error": error, "times": RETRIES, **fields}
        self.kept.aws.admin("POST", "faults", fault)

    def tasks(self, command: str) -> list[dict[str, Any]]:
        """Return the tasks with a command that have not stopped."""
        ecs, cluster = self.kept.client("ecs"), "ccapi-cluster-local"
        arns = [
            arn
            for desired in ("RUNNING", "STOPPED")
            for arn in ecs.list_tasks(cluster=cluster, desiredStatus=desired)["taskArns"]
        ]
        described = ecs.describe_tasks(cluster=cluster, tasks=arns)["tasks"] if arns else []
        return [
            task
            for task in described
            if task["lastStatus"] != "STOPPED"
            and task["overrides"]["containerOverrides"][0]["command"] == [command]
        ]

    def _watch_executions(self) -> list[dict[str, Any]]:
        pages = self.states.get_paginator("list_executions").paginate(stateMachineArn=self.watch)
        return [execution for page in pages for execution in page["executions"]]

    def _is_watch_running(self) -> bool:
        return any(execution["status"] == "RUNNING" for execution in self._watch_executions())

    def _bucket(self, what: str) -> str:
        (name,) = (
            item["Name"] for item in self.kept.client("s3").list_buckets()["Buckets"] if what in item["Name"]
        )
        return str(name)

    def _queue_url(self, arn: str) -> str:
        return str(self.kept.client("sqs").get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"])

    def _has_messages(self, url: str) -> bool:
        counted = self.kept.client("sqs").get_queue_attributes(
            QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"]
        )
        return int(counted["Attributes"]["ApproximateNumberOfMessages"]) > 0
