from datetime import timedelta

import pytest

from tests.cli.stand_ins import NOW, REGIONS, Pipeline, arn_of, outcome, pipeline

WEEK = "2026-W48"
PARTIAL = "scheduled-partial"
GIVEN = {"scheduled_time": "2026-11-23T06:00:00Z", "regions_count": 3}


@pytest.fixture
def empty() -> Pipeline:
    return pipeline()


@pytest.fixture
def partial(empty: Pipeline) -> Pipeline:
    """Return a stack whose only run is partial: its second shard was lost twice."""
    start = NOW - timedelta(days=1)
    found = outcome(WEEK, "partial", 2)
    story = empty.states.add(PARTIAL, "SUCCEEDED", start, given=GIVEN, output=found, seconds=600)
    story.enter("ValidateInputs")
    story.schedule(WEEK, "validate", "v0")
    story.after(20).add("TaskSucceeded", taskSucceededEventDetails={"resourceType": "ecs"})
    story.leave("ValidateInputs")
    entered = story.enter("RunWeeklyMonitoring", "Map")
    story.add("MapStateStarted")
    for shard in range(2):
        begun = story.add("MapIterationStarted", entered, mapIterationStartedEventDetails={"index": shard})
        story.enter("RunShard", previous=begun)
        story.schedule(
            WEEK, "monitor", f"s{shard}", shard=shard, capacity="FARGATE_SPOT", Cpu="2048", Memory="4096"
        )
        if shard:
            story.after(60).fail("Worker.Interrupted", "Spot took it back")
            last = story.events[-1]["id"]
            story.after(5).schedule(WEEK, "monitor", "s1b", last, shard=1, Cpu="2048", Memory="8192")
        story.after(120).add("TaskSucceeded", taskSucceededEventDetails={"resourceType": "ecs"})
        story.leave("RunShard")
        story.add("MapIterationSucceeded")
    story.add("MapStateSucceeded", entered)
    story.leave("RunWeeklyMonitoring", "Map", entered)
    story.report(found)
    story.enter("Complete", "Succeed")
    story.leave("Complete", "Succeed")
    story.add("ExecutionSucceeded")
    empty.plan(WEEK, start + timedelta(seconds=20))
    for region in REGIONS[:2]:
        empty.result(WEEK, region, start + timedelta(seconds=300))
    return empty


@pytest.fixture
def running(partial: Pipeline) -> Pipeline:
    """Return a stack with a partial run and one that is running, of which a region is done."""
    start = NOW - timedelta(minutes=10)
    story = partial.states.add("manual-1", "RUNNING", start, given={"execution_name": "by hand"})
    story.enter("RunWeeklyMonitoring", "Map")
    begun = story.add("MapIterationStarted", mapIterationStartedEventDetails={"index": 0})
    story.enter("RunShard", previous=begun)
    story.schedule("manual-1", "monitor", "m0", shard=0, Cpu="2048", Memory="4096")
    partial.ecs.add("arn:task/m0", arn_of("manual-1"), 0)
    partial.ecs.add("arn:task/other", arn_of("another"), 0)
    partial.plan("manual-1", start)
    partial.result("manual-1", REGIONS[0], NOW - timedelta(minutes=1))
    return partial
