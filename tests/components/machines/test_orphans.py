import pytest

from components.machines.weekly.state_names import WeeklyState
from components.settings.bounds import SWEEP, sweep_pages
from tests.components.machines.outcomes import outcome_of
from tests.components.machines.runs import done, raises, run, stalled
from tests.components.machines.walk import Call, Failed, Walk
from tests.stacks import names_of, settings_of

SWEEP_PAGES = sweep_pages(settings_of("dev").worker)
GROUP = f"{names_of('dev').task_group}/by-hand"
FAULT = Failed("Ecs.ServerException", "try again")


def retried(others: dict[str, object]) -> Walk:
    """Return a run with one worker that was given up once."""
    return run(raises(Failed("States.HeartbeatTimeout"), then=done()), regions=1, others=others)


def stopped(walked: Walk) -> list[str]:
    return [call.arguments["Task"] for call in walked.called("StopWorker")]


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ([], []),
        ([GROUP], ["0"]),
        ([GROUP, GROUP], ["0", "1"]),
        (["another/by-hand"], []),
        (["another/by-hand", GROUP, f"{GROUP}-2"], ["1"]),
    ],
)
def test_only_the_remaining_workers_of_this_run_are_stopped(groups: list[str], expected: list[str]) -> None:
    walked = retried(stalled(*groups))
    assert stopped(walked) == expected
    assert walked.output["status"] == "succeeded"


def test_no_orphans_are_listed_if_every_worker_answered_at_the_first_attempt() -> None:
    walked = run(done(), others=stalled(GROUP))
    assert not walked.called("FindWorkers")
    assert walked.output["status"] == "succeeded"


@pytest.mark.parametrize("state", [WeeklyState.VALIDATE_INPUTS, WeeklyState.RUN_SHARD])
def test_orphans_are_stopped_if_a_state_times_out_at_every_attempt(state: WeeklyState) -> None:
    dead = raises(*[Failed("States.HeartbeatTimeout")] * 9)
    walked = run(dead, regions=1, others={state: dead} | stalled(GROUP))
    assert stopped(walked) == ["0"]
    assert walked.failed is not None
    assert outcome_of(walked)["status"] == "failed"


@pytest.mark.parametrize("state", ["FindWorkers", "DescribeWorkers", "StopWorker"])
def test_a_fault_is_tried_again_and_never_changes_the_outcome(state: str) -> None:
    for faults in (SWEEP.max_attempts, SWEEP.max_attempts + 1):
        answer = raises(*[FAULT] * faults, then=stalled(GROUP)[state])
        walked = retried(stalled(GROUP) | {state: answer})
        assert walked.output["status"] == "succeeded"


@pytest.mark.parametrize("pages", [1, 2, SWEEP_PAGES, SWEEP_PAGES + 3])
def test_every_page_is_read_up_to_a_limit(pages: int) -> None:
    tokens: list[str] = []

    def page(call: Call) -> dict[str, object]:
        tokens.append(call.arguments.get("NextToken", ""))
        more = {"NextToken": f"page {len(tokens)}"} if len(tokens) < pages else {}
        return {"TaskArns": ["0"] if len(tokens) % 2 else [], **more}

    walked = retried(stalled(GROUP) | {"FindWorkers": page})
    assert tokens == ["", *(f"page {number}" for number in range(1, min(pages, SWEEP_PAGES)))]
    assert walked.output["status"] == "succeeded"
