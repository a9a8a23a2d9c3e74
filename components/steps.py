"""The names of the weekly machine's states, and the call that most of them make."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from components.asl import ALL_ERRORS, Definition, Integration, State, retry, task
from components.settings.bounds import CALL, CALL_TIMEOUT_SECONDS

ANY_CALL = retry([ALL_ERRORS], CALL)


class Step(StrEnum):
    """The names of the states, which people search logs for."""

    LOAD_SETTINGS = "LoadSettings"
    NAME_RUN = "NameRun"
    CHECK_WEEK = "CheckWeek"
    NOT_THIS_WEEK = "NotThisWeek"
    CLAIM_PIPELINE = "ClaimPipeline"
    NOTIFY_SKIPPED = "NotifySkipped"
    ALREADY_RUNNING = "AlreadyRunning"
    CLAIM_RUN = "ClaimRun"
    ALREADY_RUN = "AlreadyRun"
    VALIDATE_INPUTS = "ValidateInputs"
    RUN_WEEKLY_MONITORING = "RunWeeklyMonitoring"
    RUN_SHARD = "RunShard"
    LOSE_SHARD = "LoseShard"
    CHECK_RETRIES = "CheckRetries"
    CHECK_LOST = "CheckLost"
    READ_PLAN = "ReadPlan"
    LIST_RESULTS = "ListResults"
    SUM_UP_LOST = "SumUpLost"
    READ_LAST_SUCCESS = "ReadLastSuccess"
    CHECK_EXECUTION_STATUS = "CheckExecutionStatus"
    EXTRACT_RESULTS = "ExtractResults"
    HANDLE_PARTIAL_FAILURE = "HandlePartialFailure"
    JUDGE_PARTIAL = "JudgePartial"
    HANDLE_EMPTY_RESULT = "HandleEmptyResult"
    HANDLE_FAILURE = "HandleFailure"
    CHECK_COVERAGE = "CheckCoverage"
    RECORD_SUCCESS = "RecordSuccess"
    PUBLISH_METRICS = "PublishMetrics"
    CHOOSE_NOTIFICATION = "ChooseNotification"
    NOTIFY_SUCCESS = "NotifySuccess"
    NOTIFY_PARTIAL_FAILURE = "NotifyPartialFailure"
    END_PARTIAL = "EndPartial"
    NOTIFY_FAILURE = "NotifyFailure"
    COMPLETE = "Complete"
    FAIL_PARTIAL = "FailPartial"
    COUNT_UNTOLD = "CountUntold"
    END_UNTOLD = "EndUntold"
    FAIL_EXECUTION = "FailExecution"
    FAIL_UNTOLD = "FailUntold"


def call(
    integration: Integration,
    *,
    next_state: str,
    catches: Sequence[Definition],
    assign: Mapping[str, Any] | None = None,
    answers: Sequence[Definition] = (),
) -> State:
    """Return a state that asks a service for something small; `answers` are retriers of errors that are answers."""
    return task(
        integration,
        timeout_seconds=CALL_TIMEOUT_SECONDS,
        retries=[*answers, ANY_CALL],
        catches=catches,
        assign=assign,
        next_state=next_state,
    )
