"""Runs of the weekly machine, with answers of workers and services that a test chooses."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from components.cost.happy_path import billed_besides
from components.cost.unit_prices import NOT_KNOWN, UnitPrices, unit_prices
from components.machines import errors
from components.machines.asl import Machine
from components.machines.weekly.machine import weekly_machine
from components.machines.weekly.state_names import WeeklyState
from components.resources.run_settings import utc_offsets
from components.settings import Settings
from components.settings.names import Names
from tests.components.machines.walk import Call, Failed, Walk, walk
from tests.stacks import REGION_NAMES, settings_of

Result = dict[str, Any]


def done(shard: int = 0, *, succeeded: int = 1, skipped: int = 0, failed: tuple[str, ...] = ()) -> Result:
    """Return the answer of a worker."""
    return {
        "shard": shard,
        "status": "partial" if failed else "succeeded",
        "succeeded": succeeded,
        "skipped": skipped,
        "failed": len(failed),
        "failures": [{"region": region, "error": "no imagery"} for region in failed],
        "warnings": [],
        "result_key": f"weekly/2026-W48/shards/{shard}.json",
        "seconds": 1.5,
        "log_stream": f"worker/monitor/{shard}",
    }


def summary(regions: int, succeeded: int, *, failures: Sequence[Result] = (), log_stream: str = "") -> Result:
    """Return the answer of the reduce step."""
    return {
        "run_id": "2026-W48",
        "status": "succeeded" if succeeded == regions else "partial" if succeeded else "failed",
        "period": "2026-W47",
        "regions": regions,
        "succeeded": succeeded,
        "failed": regions - succeeded,
        "failures": list(failures),
        "warnings": [],
        "log_stream": log_stream,
    }


def raises(*failures: Failed, then: Any = None) -> Callable[[Call], Any]:
    """Return an answer that raises each of these failures once, and then succeeds."""
    waiting = list(failures)

    def answer(_call: Call) -> Any:
        if waiting:
            raise waiting.pop(0)
        return then

    return answer


def fails(failure: Failed) -> Callable[[Call], Any]:
    """Return an answer that always fails."""

    def answer(_call: Call) -> Any:
        raise Failed(failure.error, failure.cause)

    return answer


def s3(status: int) -> Failed:
    """Return the error that Step Functions raises for any unmodelled S3 error."""
    return Failed("S3.S3Exception", f"At least one thing (Service: S3, Status Code: {status}, Request ID: 1)")


TAKEN = s3(412)
ANOTHER = "arn:aws:states:us-east-1:111111111111:execution:machine:another"


def contested(
    what: str, owner: str = ANOTHER, status: str = "RUNNING", *, owner_run: str = "2026-W47"
) -> dict[str, Any]:
    """Return the answers of the services about a claim that another execution holds."""
    return {
        f"Claim{what}": raises(TAKEN, then={"ETag": '"2"'}),
        f"Read{what}Claim": {"Body": json.dumps({"execution": owner, "run": owner_run}), "ETag": '"1"'},
        f"Describe{what}Owner": {"Status": status},
        f"TakeOver{what}": {"ETag": '"2"'},
    }


def stalled(*groups: str) -> dict[str, Any]:
    """Return ECS's answers about running workers of these task groups; each ARN is the worker's index."""
    return {
        "FindWorkers": {"TaskArns": [str(place) for place in range(len(groups))]},
        "DescribeWorkers": {
            "Tasks": [{"TaskArn": str(place), "Group": group} for place, group in enumerate(groups)]
        },
        "StopWorker": {"Task": {}},
    }


NOTHING_REPORTED: dict[str, Any] = {
    WeeklyState.REPORT_OUTCOME: fails(Failed("NotDeliveredError")),
    WeeklyState.PUBLISH_OUTCOME: fails(Failed("Sns.SnsException")),
}
"""The answers of a reporter and a topic that both fail."""

REGIONS_A_SHARD = 5
LAST_SUCCESS: Result = {"run": "2026-W47", "at": "2026-11-16T07:30:00.000Z", "seconds": 5432, "usd": 0.15}


@dataclass
class Services:
    """The answer for each state: a value, or a function of the call."""

    pinned: Result
    shards: list[Any]
    regions: int
    others: Mapping[str, Any]
    answered: dict[int, Result] = field(default_factory=dict)

    def __call__(self, call: Call) -> Any:
        answer = {
            WeeklyState.LOAD_SETTINGS: {"Parameter": {"Value": json.dumps(self.pinned)}},
            WeeklyState.CLAIM_PIPELINE: {"ETag": '"1"'},
            WeeklyState.CLAIM_RUN: {"ETag": '"1"'},
            "FindWorkers": {"TaskArns": []},
            WeeklyState.VALIDATE_INPUTS: {
                "run_id": "2026-W48",
                "regions": self.regions,
                "shards": list(range(len(self.shards))),
                "plan_key": "runs/2026-W48/plan.json",
            },
            WeeklyState.RUN_SHARD: self._shard,
            WeeklyState.SUMMARIZE_RUN: self._summary,
            WeeklyState.REPORT_OUTCOME: {
                "Payload": {"delivered": ["email"], "undelivered": [], "repeated": False}
            },
            WeeklyState.PUBLISH_OUTCOME: {"MessageId": "1"},
            WeeklyState.COUNT_UNREPORTED: {},
            WeeklyState.READ_LAST_SUCCESS: {"Body": json.dumps(LAST_SUCCESS)},
            WeeklyState.RECORD_SUCCESS: {"ETag": '"1"'},
            WeeklyState.PUBLISH_METRICS: {},
            **self.others,
        }[call.state]
        return answer(call) if callable(answer) else answer

    def _summary(self, call: Call) -> Result:
        """Return the reduce step's answer: the shards' results, and the errors of lost shards."""
        answered = [self.answered[shard] for shard in sorted(self.answered)]
        succeeded = sum(answer["succeeded"] + answer["skipped"] for answer in answered)
        lost = json.loads(environment_of(call)["LOST_SHARDS"])
        failures = [
            *(failure for answer in answered for failure in answer["failures"]),
            *(
                {"region": f"region-{shard['shard']}-{number}", "error": shard["error"]}
                for shard in lost
                for number in range(REGIONS_A_SHARD)
            ),
        ]
        streams = [answer["log_stream"] for answer in answered if answer["failed"] and answer["log_stream"]]
        warnings = [warning for answer in answered for warning in answer.get("warnings", ())]
        whole = summary(self.regions, succeeded, failures=failures, log_stream=[*streams, ""][0])
        return {**whole, "warnings": list(dict.fromkeys(warnings))}

    def _shard(self, call: Call) -> Any:
        shard = int(environment_of(call)["SHARD"])
        answer = self.shards[shard]
        self.answered[shard] = answer(call) if callable(answer) else answer
        return self.answered[shard]


def sharded(shards: int, regions: int) -> Settings:
    """Return the settings of the stack dev with so many shards and regions, of which the catalog has fewer."""
    settings = settings_of("dev")
    return settings.model_copy(
        update={
            "worker": settings.worker.model_copy(update={"shards": shards}),
            "monitoring": settings.monitoring.model_copy(update={"regions_count": regions}),
        }
    )


def weekly(settings: Settings) -> Machine:
    """Return the weekly machine of a stack."""
    return weekly_machine(settings, Names.of(settings))


def stack_prices(settings: Settings) -> UnitPrices | None:
    """Return the unit prices of a stack."""
    return unit_prices(settings, billed_besides(settings, weekly(settings)))


def run_settings(settings: Settings) -> Result:
    """Return the value of the run settings parameter of a stack with two subnets."""
    prices = stack_prices(settings)
    return {
        "cluster": "arn:aws:ecs:us-east-1:111111111111:cluster/ccapi-cluster-dev",
        "taskDefinition": "arn:aws:ecs:us-east-1:111111111111:task-definition/ccapi-monitor-dev:7",
        "subnets": ["subnet-a", "subnet-b"],
        "securityGroups": ["sg-a"],
        "assignPublicIp": "ENABLED",
        "utcOffsets": list(utc_offsets(settings.schedule.zone)),
        "unitPrices": prices.as_json if prices else NOT_KNOWN,
    }


def environment_of(call: Call) -> dict[str, str]:
    """Return the environment that a worker is started with."""
    (container,) = call.arguments["Overrides"]["ContainerOverrides"]
    return {variable["Name"]: variable["Value"] for variable in container["Environment"]}


def run(
    *shards: Any,
    regions: int | None = None,
    settings: Settings | None = None,
    execution_input: Any = None,
    name: str = "by-hand",
    others: Mapping[str, Any] | None = None,
) -> Walk:
    """Return a run with an answer for each shard, and for other states if needed."""
    answered = [shard for shard in shards if isinstance(shard, dict)]
    total = sum(shard["succeeded"] + shard["skipped"] + shard["failed"] for shard in answered)
    # The run is of all regions of the stack, unless the settings are given.
    settings = settings or settings_of(
        "dev",
        monitoring={"regionsCount": min(len(REGION_NAMES), max(1, len(shards), total))},
        worker={"shards": max(1, len(shards))},
    )
    names = Names.of(settings)
    services = Services(
        run_settings(settings), list(shards), total if regions is None else regions, others or {}
    )
    return walk(
        weekly_machine(settings, names).definition,
        services,
        execution_input={} if execution_input is None else execution_input,
        name=name,
    )


LOST = Failed("States.HeartbeatTimeout", "no heartbeat for 600 s")
SCHEDULED = {"scheduled_time": "2026-11-23T06:00:00Z", "regions_count": 5, "enable_scraping": False}
NO_TIMES = (
    "2026-13-01T00:00:00Z",
    "2026-02-31T00:00:00Z",
    "2027-02-29T00:00:00Z",
    "2026-11-31T00:00:00Z",
    "2026-11-23T24:00:00Z",
    "2026-11-23T06:00:00+25:00",
    "2026-11-23T06:00:00+05:75",
)
"""Texts with the form of a time that are no valid times."""
INPUTS: tuple[Any, ...] = ({}, SCHEDULED, {"run_id": "2026-W48"}, {"run_id": 5, "scheduled_time": "soon"})
# None, one and two items, which JSONata treats differently.
SHARDS = (
    [done()],
    [done(0), done(1)],
    [done(failed=("brebes",))],
    [done(0, failed=("brebes",)), done(1, failed=("tegal", "subang"))],
    [done(succeeded=0, failed=("brebes",))],
    [done(0, succeeded=0, failed=("brebes", "tegal")), done(1, succeeded=0, skipped=2)],
)


def every_kind_of_run(settings: Settings) -> list[Walk]:
    """Return runs that together take every path through the machine, with optional fields present and missing."""
    settings = settings.model_copy(update={"worker": settings.worker.model_copy(update={"shards": 2})})
    group = f"{Names.of(settings).task_group}/by-hand"
    dead = fails(LOST)
    others: list[Mapping[str, Any]] = [
        {WeeklyState.LOAD_SETTINGS: dead},
        {WeeklyState.VALIDATE_INPUTS: raises(*[Failed("Worker.InvalidInput")] * 9)},
        {WeeklyState.VALIDATE_INPUTS: {"regions": 3, "shards": [0, 1, 2]}},
        {"ClaimRun": raises(s3(503), then={})},
        {"ClaimRun": raises(*[s3(503)] * 9)},
        {WeeklyState.SUMMARIZE_RUN: dead},
        {WeeklyState.REPORT_OUTCOME: fails(Failed("Lambda.ResourceNotFoundException"))},
        NOTHING_REPORTED,
        {"ClaimPipeline": raises(TAKEN)} | contested("Pipeline", owner_run="by-hand"),
        contested("Pipeline") | NOTHING_REPORTED,
        *(
            contested(what, status="FAILED") | {f"Claim{what}": fails(TAKEN), f"TakeOver{what}": fails(TAKEN)}
            for what in ("Pipeline", "Run")
        ),
        *(
            contested(what) | {f"Read{what}Claim": {"Body": "{", "ETag": '"1"'}}
            for what in ("Pipeline", "Run")
        ),
        *(
            contested(what) | {f"Read{what}Claim": fails(Failed("S3.SdkClientException", "no route"))}
            for what in ("Pipeline", "Run")
        ),
        *(
            contested(what, status=status)
            for what in ("Pipeline", "Run")
            for status in ("FAILED", "RUNNING", "SUCCEEDED")
        ),
        *(
            contested(what) | {f"Describe{what}Owner": fails(Failed(errors.EXECUTION_GONE[0]))}
            for what in ("Pipeline", "Run")
        ),
    ]
    lost = [
        run(raises(LOST, then=done()), regions=1, settings=settings, others=stalled(*groups))
        for groups in ((), (group,), ("another",), (group, group))
    ]
    return [
        *(run(*shards, settings=settings, execution_input=given) for shards in SHARDS for given in INPUTS),
        *(run(done(), settings=settings, others=other) for other in others),
        *lost,
        run(
            raises(LOST, then=done()),
            regions=1,
            settings=settings,
            others=stalled(group) | {"StopWorker": dead},
        ),
        run(done(), raises(*[LOST] * 9), regions=2, settings=settings),
        *(
            run(
                settings=settings,
                execution_input={"validate_only": True},
                others={WeeklyState.VALIDATE_INPUTS: answer},
            )
            for answer in ({"finding": {}, "regions": 1}, raises(*[LOST] * 9))
        ),
    ]
