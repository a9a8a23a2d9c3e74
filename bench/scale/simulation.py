"""A discrete-event simulation of a run: workers that wait for capacity, start, and work on their regions in turn.

Time is the only thing that is simulated; transitions and events follow from the number of shards. The capacity is that
of Fargate: tasks are launched from a bucket of tokens, and run while their vCPUs are within the account's quota.
"""

import heapq
from dataclasses import dataclass

TRANSITIONS_A_SHARD = 1
EVENTS_A_SHARD = 8
"""MapIterationStarted and Succeeded; TaskStateEntered, TaskScheduled, Started, Submitted, Succeeded and StateExited."""


@dataclass(frozen=True)
class Capacity:
    """The tasks that Fargate launches and runs for an account."""

    launch_burst: int
    launches_a_second: float
    tasks_at_once: int


# Amazon ECS Developer Guide, "AWS Fargate throttling quotas": 20 calls of RunTask a second, each for one task here.
# Amazon ECS service quotas, "Fargate On-Demand vCPU resource count": 6 in a new account, which AWS raises by use and on
# request.
LAUNCH_BURST, LAUNCHES_A_SECOND = 20, 20.0
NEW_ACCOUNT_VCPUS = 6


@dataclass(frozen=True)
class Costs:
    """The seconds of the parts of a run, and its counts outside the shards."""

    fixed_seconds: float
    """The states before and after the shards, without what grows with the regions."""
    reduce_seconds_a_region: float
    start_seconds: float
    """From the launch of a worker to its first region, and from its last region to its answer."""
    seconds_a_region: float
    transitions: int
    events: int


@dataclass(frozen=True)
class Run:
    """The duration and the counts of a run."""

    seconds: float
    transitions: int
    events: int


def simulate(regions: int, shards: int, costs: Costs, capacity: Capacity) -> Run:
    """Return the run of so many regions, dealt to so many shards."""
    shards = min(shards, regions)
    ends: list[float] = []
    tokens, refilled, now = float(capacity.launch_burst), 0.0, 0.0
    last_end = 0.0
    for shard in range(shards):
        if len(ends) == capacity.tasks_at_once:
            now = max(now, heapq.heappop(ends))
        tokens = min(capacity.launch_burst, tokens + (now - refilled) * capacity.launches_a_second)
        if tokens < 1:
            now += (1 - tokens) / capacity.launches_a_second
            tokens = 1
        refilled = now
        tokens -= 1
        share = len(range(shard, regions, shards))
        end = now + costs.start_seconds + share * costs.seconds_a_region
        heapq.heappush(ends, end)
        last_end = max(last_end, end)
    return Run(
        seconds=costs.fixed_seconds + last_end + regions * costs.reduce_seconds_a_region,
        transitions=costs.transitions + shards * TRANSITIONS_A_SHARD,
        events=costs.events + shards * EVENTS_A_SHARD,
    )
