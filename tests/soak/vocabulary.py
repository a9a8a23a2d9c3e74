"""The faults and events of a soak: each prepares something before a run starts, or does something while it runs."""

import random
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import psutil

from tests.soak.stage import LOG_GROUP, POLL_SECONDS, Stage

GARBAGE = (b"", b"{", b"null", b"[]", b'{"regions": 1}', b"\xff\xfe")


@dataclass
class Scene:
    """One run on the stage, as a fault sees it."""

    stage: Stage
    run_id: str
    given: Mapping[str, Any]
    """The input of its scheduled start."""
    other_given: Mapping[str, Any]
    """That of another week."""
    regions: Sequence[str]
    draw: random.Random
    is_over: threading.Event = field(default_factory=threading.Event)

    def until(self, probe: Callable[[], Any]) -> Any:
        """Wait until a function returns a true value, and return it; None if the run ends before."""
        while not (found := probe()):
            if self.is_over.wait(POLL_SECONDS):
                return None
        return found

    def pause(self, least: float, most: float) -> bool:
        """Wait for some seconds; return False if the run ends before."""
        return not self.is_over.wait(self.draw.uniform(least, most))

    def worker(self, *commands: str) -> psutil.Process | None:
        """Wait for a worker with one of some commands, and return it; None if the run ends before."""
        command = self.draw.choice(commands)
        found = self.until(lambda: self.stage.workers(command))
        return found[self.draw.randrange(len(found))] if found else None

    def task(self) -> str | None:
        """Wait for a task that monitors, and return its ARN; None if the run ends before."""
        found = self.until(
            lambda: [task for task in self.stage.tasks("monitor") if task["lastStatus"] == "RUNNING"]
        )
        return str(found[0]["taskArn"]) if found else None

    def fault(self, operation: str, times: int, **fields: Any) -> None:
        """Let up to so many requests fail."""
        self.stage.fault(operation, times=self.draw.randint(1, times), **fields)

    def damage(self, bucket: str, key: str) -> None:
        """Put garbage in the place of an object."""
        self.stage.put(bucket, key, self.draw.choice(GARBAGE))

    @property
    def objects(self) -> list[str]:
        """The paths of objects that the run writes."""
        stage, region = self.stage, self.draw.choice(self.regions)
        reports, cache = f"/{stage.reports}/weekly/{self.run_id}", f"/{stage.cache}"
        return [
            f"{reports}/{region}.json",
            f"{reports}/{region}.pdf",
            f"{reports}/shards/{self.draw.randint(0, 1)}.json",
            f"{reports}/summary.json",
            f"{reports}/index.html",
            f"/{stage.reports}/history.json",
            f"{cache}/runs/{self.run_id}/plan.json",
            f"{cache}/claims/runs/{self.run_id}",
            f"{cache}/claims/active",
            f"{cache}/state/last-success.json",
        ]


Act = Callable[[Scene], None]


def nothing(_: Scene) -> None:
    """Do nothing."""


@dataclass(frozen=True)
class Fault:
    """A named fault."""

    before: Act = nothing
    during: Act = nothing
    after: Act = nothing
    """Ends what the fault changed, when the run has ended."""


def _kill(scene: Scene) -> None:
    for _ in range(scene.draw.choice((1, 1, 2, 5))):
        worker = scene.worker("validate", "monitor", "monitor", "monitor", "summarize")
        if worker is None or not scene.pause(0, 2):
            return
        with suppress(psutil.Error):
            worker.kill()
            worker.wait(10)


def _hang(scene: Scene) -> None:
    worker = scene.worker("monitor", "monitor", "summarize")
    if worker is None:
        return
    with suppress(psutil.Error):
        worker.suspend()
        scene.pause(2, 25)
        worker.resume()


def _stop_task(scene: Scene) -> None:
    for _ in range(scene.draw.choice((1, 1, 3))):
        if (task := scene.task()) is None or not scene.pause(0, 1):
            return
        scene.stage.client("ecs").stop_task(cluster=task.split("/")[1], task=task, reason="a soak")


def _interrupt(scene: Scene) -> None:
    for _ in range(scene.draw.choice((1, 1, 2))):
        if (task := scene.task()) is None or not scene.pause(0, 1):
            return
        scene.stage.kept.aws.admin("POST", "interrupt", {"task": task})


def _no_log_group(scene: Scene) -> None:
    scene.stage.client("logs").delete_log_group(logGroupName=LOG_GROUP)


def _log_group_later(scene: Scene) -> None:
    scene.pause(1, 12)
    scene.stage.client("logs").create_log_group(logGroupName=LOG_GROUP)


def _slow(scene: Scene) -> None:
    operation = scene.draw.choice(("s3:PutObject", "s3:GetObject", "s3:ListObjectsV2"))
    scene.fault(operation, 8, seconds=scene.draw.choice((0.5, 2, 4)))


def _failing(scene: Scene) -> None:
    operation = scene.draw.choice(("s3:PutObject", "s3:GetObject", "s3:ListObjectsV2"))
    error, status = scene.draw.choice(
        (("SlowDown", 503), ("InternalError", 500), ("ServiceUnavailable", 503))
    )
    scene.fault(operation, 25, error=error, status=status)


def _denied(scene: Scene) -> None:
    operation = scene.draw.choice(("s3:PutObject", "s3:PutObject", "s3:GetObject"))
    path = scene.draw.choice(scene.objects)
    scene.fault(operation, 12, error="AccessDenied", status=403, match={"path": path})


def _answer_lost(scene: Scene) -> None:
    path = scene.draw.choice(scene.objects)
    scene.fault("s3:PutObject", 3, error="InternalError", status=500, performed=True, match={"path": path})


def _call(
    operation: str, error: str, status: int = 500, *, most: int = 12, can_be_lost: bool = False
) -> Fault:
    """Return the fault of some calls of an operation: they are refused, or only their answers are lost."""

    def act(scene: Scene) -> None:
        performed = can_be_lost and scene.draw.random() < 0.5
        scene.fault(operation, most, error=error, status=status, performed=performed)

    return Fault(before=act)


def _failing_answers(scene: Scene) -> None:
    scene.fault("stepfunctions:SendTaskFailure", 12, error="ServiceUnavailable", status=503)


def _withheld(scene: Scene) -> None:
    for region in scene.draw.sample(list(scene.regions), scene.draw.randint(1, len(scene.regions))):
        scene.stage.put(scene.stage.cache, f"imagery/sample/{region}.npz", b"unavailable")


def _granted(scene: Scene) -> None:
    for region in scene.regions:
        scene.stage.client("s3").delete_object(Bucket=scene.stage.cache, Key=f"imagery/sample/{region}.npz")


def _damaged_result(scene: Scene) -> None:
    scene.damage(scene.stage.reports, f"weekly/{scene.run_id}/{scene.draw.choice(scene.regions)}.json")


def _damaged_while_working(scene: Scene) -> None:
    if scene.worker("monitor"):
        scene.pause(0, 1)
        _damaged_result(scene)


def _damaged_shard(scene: Scene) -> None:
    scene.damage(scene.stage.reports, f"weekly/{scene.run_id}/shards/{scene.draw.randint(0, 1)}.json")


def _damaged_summary(scene: Scene) -> None:
    scene.damage(scene.stage.reports, f"weekly/{scene.run_id}/summary.json")


def _damaged_claim(scene: Scene) -> None:
    scene.damage(scene.stage.cache, scene.draw.choice((f"claims/runs/{scene.run_id}", "claims/active")))


def _damaged_plan(scene: Scene) -> None:
    scene.damage(scene.stage.cache, f"runs/{scene.run_id}/plan.json")


def _damaged_history(scene: Scene) -> None:
    scene.damage(scene.stage.reports, "history.json")


def _damaged_last_success(scene: Scene) -> None:
    scene.damage(scene.stage.cache, "state/last-success.json")


def _reporter_off(scene: Scene) -> None:
    error = scene.draw.choice(("ServiceException", "TooManyRequestsException", "ResourceNotFoundException"))
    scene.stage.fault("lambda:Invoke", error=error, status=500, times=scene.draw.choice((1, 2, 50)))


def _watch_off(scene: Scene) -> None:
    for rule in scene.stage.rules:
        scene.stage.client("events").disable_rule(Name=rule)


def _watch_on(scene: Scene) -> None:
    for rule in scene.stage.rules:
        scene.stage.client("events").enable_rule(Name=rule)


def _channels(scene: Scene) -> None:
    for channel in ("slack", "pagerduty", "webhook"):
        fault = {"channel": channel, "status": 500, "times": scene.draw.choice((1, 3, 50))}
        scene.stage.channels.call("POST", "faults", fault)


def _agent(scene: Scene) -> None:
    if scene.pause(0, 8):
        scene.stage.restart_agent(scene.draw.choice((0, 3)))


def _short(scene: Scene) -> None:
    scene.stage.set_timeout(scene.draw.choice((3, 6, 9)))


def _long(scene: Scene) -> None:
    scene.stage.set_timeout(10_800)


FAULTS: Mapping[str, Fault] = {
    "worker-killed": Fault(during=_kill),
    "worker-hangs": Fault(during=_hang),
    "task-stopped": Fault(during=_stop_task),
    "start-fails": Fault(before=_no_log_group, during=_log_group_later),
    "no-capacity": Fault(
        before=lambda scene: scene.fault("ecs:RunTask", 6, failure="Capacity is unavailable at this time.")
    ),
    "start-throttled": _call("ecs:RunTask", "ThrottlingException", 400, most=8),
    "start-answer-lost": Fault(
        before=lambda scene: scene.fault(
            "ecs:RunTask", 2, error="ServerException", status=500, performed=True
        )
    ),
    "spot-interruption": Fault(during=_interrupt),
    "s3-slow": Fault(before=_slow),
    "s3-fails": Fault(before=_failing),
    "s3-denied": Fault(before=_denied),
    "s3-answer-lost": Fault(before=_answer_lost),
    "heartbeat-fails": _call("stepfunctions:SendTaskHeartbeat", "ServiceUnavailable", 503, can_be_lost=True),
    "success-fails": _call("stepfunctions:SendTaskSuccess", "ServiceUnavailable", 503, can_be_lost=True),
    "failure-fails": Fault(before=_failing_answers, during=_kill),
    "sns-fails": _call("sns:Publish", "InternalError", most=20, can_be_lost=True),
    "metrics-fail": _call("cloudwatch:PutMetricData", "InternalServiceFault"),
    "secrets-fail": _call("secretsmanager:GetSecretValue", "InternalServiceError", most=20),
    "ssm-fails": _call("ssm:GetParameter", "InternalServerError", most=6),
    "describe-fails": _call("stepfunctions:DescribeExecution", "ThrottlingException", 400, most=6),
    "region-fails": Fault(before=_withheld, after=_granted),
    "result-damaged-before": Fault(before=_damaged_result),
    "result-damaged": Fault(during=_damaged_while_working),
    "shard-damaged": Fault(before=_damaged_shard),
    "summary-damaged": Fault(before=_damaged_summary),
    "claim-damaged": Fault(before=_damaged_claim),
    "plan-damaged": Fault(before=_damaged_plan),
    "history-damaged": Fault(before=_damaged_history),
    "last-success-damaged": Fault(before=_damaged_last_success),
    "reporter-off": Fault(before=_reporter_off),
    "watch-off": Fault(before=_watch_off, after=_watch_on),
    "channels-fail": Fault(before=_channels),
    "agent-killed": Fault(during=_agent),
    "execution-timeout": Fault(before=_short, after=_long),
}
"""The faults by name."""


def _second_start(scene: Scene) -> None:
    if scene.pause(0, 8):
        scene.stage.start(scene.given)


def _other_week(scene: Scene) -> None:
    if scene.pause(0, 8):
        scene.stage.start(scene.other_given)


def _stop(scene: Scene) -> None:
    if scene.pause(0, 9):
        for arn in scene.stage.running(scene.stage.weekly):
            scene.stage.states.stop_execution(executionArn=arn, cause="a soak")


def _stop_and_start(scene: Scene) -> None:
    _stop(scene)
    scene.stage.start(scene.given)


def _redo_beside(scene: Scene) -> None:
    if scene.pause(0, 8):
        scene.stage.start({**scene.given, "run_id": scene.run_id})


EVENTS: Mapping[str, Fault] = {
    "second-start": Fault(during=_second_start),
    "other-week": Fault(during=_other_week),
    "stop": Fault(during=_stop),
    "stop-and-start": Fault(during=_stop_and_start),
    "redo-beside": Fault(during=_redo_beside),
}
"""The events by name: what people and the schedule do at an unlucky time."""


def scheduled(number: int, first: datetime) -> dict[str, str]:
    """Return the input of the scheduled start of a week."""
    return {"scheduled_time": (first + timedelta(weeks=number)).isoformat().replace("+00:00", "Z")}
