"""The weekly machine: which states a run goes through, in the order in which a good run does."""

from enum import StrEnum

from components import failures, messages, stalled_workers
from components.asl import (
    ALL_ERRORS,
    Definition,
    Machine,
    State,
    catch,
    choice,
    expression,
    fail,
    map_state,
    never,
    pass_state,
    retry,
    succeed,
    task,
)
from components.claims import Claim, claim_states
from components.integrations import (
    NOT_TOLD_METRIC,
    READ_JSON,
    RESULTS,
    list_results,
    publish_message,
    publish_metrics,
    read_last_success,
    read_plan,
    read_run_settings,
    record_success,
    run_worker,
    worker_group,
)
from components.names import Names
from components.run_name import IS_SCHEDULED, LOCAL_MILLISECONDS, period_name, run_name
from components.settings import Settings
from components.settings.bounds import (
    CALL,
    CALL_TIMEOUT_SECONDS,
    CLAIM_PAUSE_SECONDS,
    OVERLAP_PAUSE_SECONDS,
    VALIDATION,
    overlap_turns,
    start_backoff,
    worker_backoff,
)
from components.settings.run import Overlap, PartialFailure
from components.stalled_workers import Sweep, stop_stalled_workers


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


_WEEK_MILLISECONDS = 7 * 24 * 3600 * 1000

_ANY_CALL = retry([ALL_ERRORS], CALL)
_FAILURE = expression(failures.CAUGHT)
_NO_FAILURE = {"error": "", "cause": ""}
_NOTHING_YET = {
    "regions": 0,
    "succeeded": 0,
    "failures": [],
    "log_stream": "",
    "usual_seconds": 0,
    "lost": [],
    "owner": {"execution": "", "run": ""},
    "failure": _NO_FAILURE,
    "pipeline_tries": 0,
    "run_tries": 0,
    **stalled_workers.NOT_YET,
}
# Where a token may have died, nobody is left who would stop its worker.
_SWEEP = catch(stalled_workers.FIRST, assign={"failure": _FAILURE})


def weekly_machine(settings: Settings, names: Names) -> Machine:
    """Return the machine of a stack; nothing in it has to be created first."""
    return Machine(
        {
            Step.LOAD_SETTINGS: _load_settings(settings, names),
            Step.NAME_RUN: _name_run(settings),
            **_weeks_between(settings),
            **_claims(settings, names),
            Step.VALIDATE_INPUTS: _validate_inputs(settings, names),
            Step.RUN_WEEKLY_MONITORING: _run_weekly_monitoring(settings, names),
            # A worker that was given up may still be at work; those that answered are on their way out.
            Step.CHECK_RETRIES: choice(
                [("$retries > 0", stalled_workers.FIRST)], default=Step.READ_LAST_SUCCESS
            ),
            **stop_stalled_workers(
                names,
                Sweep(stalled=f"Group = {worker_group(names)}", next_state=Step.CHECK_LOST),
            ),
            **_lost_shards(names),
            Step.READ_LAST_SUCCESS: _read_last_success(names),
            Step.CHECK_EXECUTION_STATUS: choice(
                [
                    ("$failure.error != ''", Step.HANDLE_FAILURE),
                    ("$succeeded = $regions", Step.EXTRACT_RESULTS),
                    ("$succeeded > 0", Step.HANDLE_PARTIAL_FAILURE),
                ],
                default=Step.HANDLE_EMPTY_RESULT,
            ),
            Step.EXTRACT_RESULTS: _outcome("succeeded", next_state=Step.CHECK_COVERAGE),
            Step.HANDLE_PARTIAL_FAILURE: _outcome(
                "partial", next_state=_judged(settings, Step.JUDGE_PARTIAL)
            ),
            **_partial_judged(settings, Step.JUDGE_PARTIAL),
            Step.HANDLE_EMPTY_RESULT: pass_state(
                assign={
                    "failure": {
                        "error": "Ccapi.NoRegionSucceeded",
                        "cause": expression(
                            "$substring($join([$map($failures, function($failure)"
                            " { $failure.region & ': ' & $failure.error })], '; '), 0, 8000)"
                        ),
                    }
                },
                next_state=Step.HANDLE_FAILURE,
            ),
            Step.HANDLE_FAILURE: _outcome(
                "failed", error="$failure.error", cause="$failure.cause", next_state=Step.PUBLISH_METRICS
            ),
            Step.CHECK_COVERAGE: choice(
                [(_counts_as_success(settings), Step.RECORD_SUCCESS)], default=Step.PUBLISH_METRICS
            ),
            Step.RECORD_SUCCESS: _record_success(names),
            Step.PUBLISH_METRICS: _publish_metrics(names),
            Step.CHOOSE_NOTIFICATION: choice(
                [
                    ("$outcome.status = 'succeeded'", Step.NOTIFY_SUCCESS),
                    ("$outcome.status = 'partial'", Step.NOTIFY_PARTIAL_FAILURE),
                ],
                default=Step.NOTIFY_FAILURE,
            ),
            Step.NOTIFY_SUCCESS: _notify(names, "success", messages.success(names), Step.COMPLETE),
            Step.NOTIFY_PARTIAL_FAILURE: _notify(
                names,
                "failure",
                messages.partial_failure(names, resumes=settings.takes_regions),
                _judged(settings, Step.END_PARTIAL),
            ),
            **_partial_judged(settings, Step.END_PARTIAL),
            Step.COMPLETE: succeed(output=expression("$outcome")),
            **_partial_end(settings),
            Step.NOTIFY_FAILURE: _notify(
                names,
                "failure",
                messages.failure(names, resumes=settings.takes_regions),
                Step.FAIL_EXECUTION,
            ),
            **_untold(settings, names),
            Step.FAIL_EXECUTION: fail(
                error=failures.ALREADY_TOLD, cause=expression("$outcome.error & ': ' & $outcome.cause")
            ),
            Step.FAIL_UNTOLD: fail(
                error=failures.NOT_TOLD, cause=expression("$outcome.error & ': ' & $outcome.cause")
            ),
        },
        timeout_seconds=settings.run.timeout_seconds,
        comment=f"{names.project} {names.environment}: monitors land clearing, region by region",
    )


def _load_settings(settings: Settings, names: Names) -> State:
    defaults = (
        f"{{'enable_scraping': {_literal(settings.monitoring.enable_scraping)},"
        f" 'force_refresh': {_literal(settings.monitoring.force_refresh)}}}"
    )
    return task(
        read_run_settings(names),
        timeout_seconds=CALL_TIMEOUT_SECONDS,
        retries=[_ANY_CALL],
        catches=[
            catch(
                Step.HANDLE_FAILURE,
                assign={
                    **_NOTHING_YET,
                    "failure": _FAILURE,
                    "run_id": expression("$states.context.Execution.Name"),
                },
            )
        ],
        assign={
            "settings": expression("$parse($states.result.Parameter.Value)"),
            "input": expression(f"$merge([{defaults}, $states.context.Execution.Input])"),
            "run_id": expression("$states.context.Execution.Name"),
            **_NOTHING_YET,
        },
        next_state=Step.NAME_RUN,
    )


def _name_run(settings: Settings) -> State:
    """A scheduled run is named after its period in the schedule's zone, any other after its execution.

    This state has nobody who would catch an error: what does not look right is left to `ValidateInputs` to refuse.
    """
    name = run_name(settings.schedule.period, "$states.context.Execution.Name")
    return pass_state(
        assign={"run_id": expression(name)},
        next_state=Step.CHECK_WEEK if settings.schedule.every_weeks > 1 else _first_claim(settings),
    )


def _weeks_between(settings: Settings) -> dict[str, State]:
    """The weekly schedule of a pipeline that runs every few weeks starts it every week; most of those end here.

    A rate of days instead would count from its creation, ignore the time zone, and could not be deployed again once
    its first day is past.
    """
    schedule = settings.schedule
    if schedule.every_weeks == 1 or schedule.anchor_monday is None:
        return {}
    anchor_milliseconds = int(schedule.anchor_monday.timestamp()) * 1000
    weeks = f"$floor(({LOCAL_MILLISECONDS} - {anchor_milliseconds}) / {_WEEK_MILLISECONDS})"
    between = (
        f"{IS_SCHEDULED} and $not($exists($input.run_id)) ? {weeks} % {schedule.every_weeks} != 0 : false"
    )
    return {
        Step.CHECK_WEEK: choice([(between, Step.NOT_THIS_WEEK)], default=_first_claim(settings)),
        Step.NOT_THIS_WEEK: succeed(
            output={"status": "skipped", "run_id": expression("$run_id"), "reason": "not this week"}
        ),
    }


def _first_claim(settings: Settings) -> Step:
    return Step.CLAIM_RUN if settings.run.overlap is Overlap.ALLOW else Step.CLAIM_PIPELINE


def _claims(settings: Settings, names: Names) -> dict[str, State]:
    """The pipeline first: a run that may not begin must not look as if it had been done."""
    waits = settings.run.overlap is Overlap.WAIT
    pipeline = Claim(
        what="Pipeline",
        key="'claims/active'",
        granted=Step.CLAIM_RUN,
        refused=Step.NOTIFY_SKIPPED,
        pause_seconds=OVERLAP_PAUSE_SECONDS if waits else CLAIM_PAUSE_SECONDS,
        turns=overlap_turns(settings.run),
        waits=waits,
    )
    run = Claim(
        what="Run",
        key="'claims/runs/' & $run_id",
        granted=Step.VALIDATE_INPUTS,
        refused=Step.ALREADY_RUN,
        # Who names the run wants it done again.
        kept="$owner_status = 'SUCCEEDED' and $not($exists($input.run_id))",
    )
    return {
        **({} if _first_claim(settings) is Step.CLAIM_RUN else _claim(names, pipeline)),
        **(_skipped_by_another(names) if settings.run.overlap is Overlap.SKIP else {}),
        **_claim(names, run),
        Step.ALREADY_RUN: _skipped("already run"),
    }


def _claim(names: Names, claim: Claim) -> dict[str, State]:
    return claim_states(names, claim, on_failure=Step.HANDLE_FAILURE)


def _skipped_by_another(names: Names) -> dict[str, State]:
    message = messages.skipped(names)
    return {
        Step.NOTIFY_SKIPPED: task(
            publish_message(names, "failure", subject=message.subject, body=message.body),
            timeout_seconds=CALL_TIMEOUT_SECONDS,
            retries=[_ANY_CALL],
            # Whether it was told or not: a week without a success is told by the watch.
            catches=[catch(Step.ALREADY_RUNNING)],
            next_state=Step.ALREADY_RUNNING,
        ),
        Step.ALREADY_RUNNING: _skipped("already running"),
    }


def _skipped(why: str) -> State:
    return succeed(
        output={
            "status": "skipped",
            "run_id": expression("$run_id"),
            "reason": why,
            "owner": expression("$owner.execution"),
        }
    )


def _validate_inputs(settings: Settings, names: Names) -> State:
    worker = run_worker(
        names,
        command="validate",
        environment={
            "RUN_ID": expression("$run_id"),
            "RUN_INPUT": expression("$string($states.context.Execution.Input)"),
            "ENABLE_SCRAPING": expression("$string($input.enable_scraping)"),
            "FORCE_REFRESH": expression("$string($input.force_refresh)"),
        },
        capacity_provider="FARGATE",
    )
    return task(
        worker,
        timeout_seconds=settings.run.validation_timeout_seconds,
        heartbeat_seconds=settings.run.validation_timeout_seconds // 2,
        retries=[retry([*failures.COULD_NOT_START, *failures.WAS_LOST], VALIDATION)],
        catches=[_SWEEP],
        assign={
            "regions": expression("$states.result.regions"),
            "shards": expression("[$states.result.shards]"),
            # What went wrong with a claim has passed.
            "failure": _NO_FAILURE,
        },
        next_state=Step.RUN_WEEKLY_MONITORING,
    )


def _run_weekly_monitoring(settings: Settings, names: Names) -> State:
    return map_state(
        items="$shards",
        max_items=settings.worker.shards,
        selector={"shard": expression("$states.context.Map.Item.Value")},
        processor=_shard_machine(settings, names),
        max_concurrency=settings.worker.shards,
        catches=[_SWEEP],
        assign={
            "succeeded": expression("$sum([0, $states.result.(succeeded + skipped)])"),
            "failures": expression("[$states.result.failures]"),
            "lost": expression("[$states.result.lost]"),
            "retries": expression("$sum([0, $states.result.retries])"),
            "log_stream": expression("[$states.result[failed > 0].log_stream[$type($) = 'string'], ''][0]"),
        },
        next_state=Step.CHECK_RETRIES,
    )


def _shard_machine(settings: Settings, names: Names) -> Machine:
    """One worker, with the ladder of its attempts; when all of them failed, its loss is a record, not an error."""
    size = settings.worker.task_size(settings.monitoring.regions_count)
    larger = size.next_up()
    worker = run_worker(
        names,
        command="monitor",
        environment={
            "RUN_ID": expression("$run_id"),
            "SHARD": expression("$string($states.input.shard)"),
            "ATTEMPT": expression("$string($states.context.State.RetryCount)"),
            "ENABLE_SCRAPING": expression("$string($input.enable_scraping)"),
            "FORCE_REFRESH": expression("$string($input.force_refresh)"),
        },
        capacity_provider=_first_attempt("FARGATE_SPOT", "FARGATE") if settings.worker.spot else "FARGATE",
        size={
            "Cpu": _first_attempt(str(size.cpu_units), str(larger.cpu_units)),
            "Memory": _first_attempt(str(size.memory_mib), str(larger.memory_mib)),
        },
    )
    lost = expression(
        "{'shard': $states.input.shard,"
        " 'error': $states.errorOutput.Error & ': ' & ($exists($states.errorOutput.Cause)"
        " ? $substring($states.errorOutput.Cause, 0, 1500) : '')}"
    )
    return Machine(
        {
            Step.RUN_SHARD: task(
                worker,
                timeout_seconds=settings.run.task_timeout_seconds,
                heartbeat_seconds=settings.run.heartbeat_seconds,
                retries=[
                    retry(failures.COULD_NOT_START, start_backoff(settings.run)),
                    retry(failures.WAS_LOST, worker_backoff(settings.run)),
                ],
                catches=[catch(Step.LOSE_SHARD, assign={"lost_shard": lost})],
                output=expression("$merge([$states.result, {'retries': $states.context.State.RetryCount}])"),
            ),
            Step.LOSE_SHARD: pass_state(
                output={
                    "succeeded": 0,
                    "skipped": 0,
                    "failures": [
                        {
                            "region": expression("'shard ' & $string($lost_shard.shard)"),
                            "error": expression("$lost_shard.error"),
                        }
                    ],
                    "lost": [expression("$lost_shard")],
                    "retries": 1,
                }
            ),
        }
    )


def _first_attempt(first: str, later: str) -> str:
    return expression(f"$states.context.State.RetryCount = 0 ? '{first}' : '{later}'")


def _outcome(status: str, *, next_state: Step, error: str = "''", cause: str = "''") -> State:
    return pass_state(
        assign={
            "outcome": {
                "status": status,
                "run_id": expression("$run_id"),
                "execution": expression("$states.context.Execution.Id"),
                "start_time": expression("$states.context.Execution.StartTime"),
                "duration_seconds": expression(
                    "$floor(($millis() - $toMillis($states.context.Execution.StartTime)) / 1000)"
                ),
                "regions": expression("$regions"),
                "succeeded": expression("$succeeded"),
                "failed": expression("$regions - $succeeded"),
                "failures": expression("[$failures]"),
                "usual_seconds": expression("$usual_seconds"),
                "log_stream": expression("$log_stream"),
                "error": expression(error),
                "cause": expression(cause),
            }
        },
        next_state=next_state,
    )


def _counts_as_success(settings: Settings) -> str:
    """Return JSONata that holds for a run of every region of the stack, unless it makes up for an older period.

    Otherwise a short run by hand would hide that a week was missed.
    """
    covered = f"$regions >= {settings.monitoring.regions_count}"
    this_period = period_name(settings.schedule.period, "$millis()")
    return f"{covered} and ($not($exists($input.run_id)) or $run_id = {this_period})"


def _lost_shards(names: Names) -> dict[str, State]:
    """What a shard has published before it was lost counts, and what is missing of it is named.

    A worker that was lost cannot say; the plan knows its regions, and the bucket which of them are done.
    """
    go_on = [catch(Step.READ_LAST_SUCCESS)]
    done = (
        f"[$states.result.Contents.$substring(Key, $length({RESULTS}))"
        r"[$contains($, /^[^\/]+\.json$/) and $ != 'summary.json'].$substringBefore($, '.json')]"
    )
    missing = (
        "$lost.($shard := $; $plan[shard = $shard.shard].regions[$not($ in $done)]"
        ".{'region': $, 'error': $shard.error})"
    )
    told = r"$failures[$not($contains(region, /^shard \d+$/))]"
    return {
        Step.CHECK_LOST: choice([("$count($lost) > 0", Step.READ_PLAN)], default=Step.READ_LAST_SUCCESS),
        Step.READ_PLAN: task(
            read_plan(names),
            timeout_seconds=CALL_TIMEOUT_SECONDS,
            retries=[_ANY_CALL],
            catches=go_on,
            assign={"plan": expression(f"[{READ_JSON}.shards]")},
            next_state=Step.LIST_RESULTS,
        ),
        Step.LIST_RESULTS: task(
            list_results(names),
            timeout_seconds=CALL_TIMEOUT_SECONDS,
            retries=[_ANY_CALL],
            catches=go_on,
            assign={"done": expression(done)},
            next_state=Step.SUM_UP_LOST,
        ),
        Step.SUM_UP_LOST: pass_state(
            assign={
                "succeeded": expression("$count([$plan.regions[$ in $done]])"),
                # Where nothing is done, one reason says more than the same for each region.
                "failures": expression(f"$count($done) = 0 ? $failures : [{told}, {missing}]"),
            },
            next_state=Step.READ_LAST_SUCCESS,
        ),
    }


# Where a partial failure goes on when the settings accept it, and when they do not.
_PARTIAL_WAYS = {
    Step.JUDGE_PARTIAL: (Step.CHECK_COVERAGE, Step.PUBLISH_METRICS),
    Step.END_PARTIAL: (Step.COMPLETE, Step.FAIL_PARTIAL),
}


def _judged(settings: Settings, step: Step) -> Step:
    """Return the state that comes next: the one that judges, if the settings do not decide it alone."""
    accepted, refused = _PARTIAL_WAYS[step]
    if settings.run.on_partial_failure is PartialFailure.FAIL:
        return refused
    return accepted if settings.run.min_succeeded_regions == 1 else step


def _partial_judged(settings: Settings, step: Step) -> dict[str, State]:
    if _judged(settings, step) is not step:
        return {}
    accepted, refused = _PARTIAL_WAYS[step]
    enough = f"$outcome.succeeded >= {settings.run.min_succeeded_regions}"
    return {step: choice([(enough, accepted)], default=refused)}


def _read_last_success(names: Names) -> State:
    # A message can do without.
    return task(
        read_last_success(names),
        timeout_seconds=CALL_TIMEOUT_SECONDS,
        retries=[never([failures.NO_SUCCESS_YET]), _ANY_CALL],
        catches=[catch(Step.CHECK_EXECUTION_STATUS)],
        assign={"usual_seconds": expression(f"{READ_JSON}.seconds")},
        next_state=Step.CHECK_EXECUTION_STATUS,
    )


def _record_success(names: Names) -> State:
    # What cannot be written is missed by the watch, which tells when the next success is due and not there.
    return task(
        record_success(names),
        timeout_seconds=CALL_TIMEOUT_SECONDS,
        retries=[_ANY_CALL],
        catches=[catch(Step.PUBLISH_METRICS)],
        next_state=Step.PUBLISH_METRICS,
    )


def _publish_metrics(names: Names) -> State:
    metrics = (
        ("WeeklyMonitoringSuccess", "$outcome.status = 'succeeded' ? 1 : 0", "Count"),
        ("WeeklyMonitoringPartial", "$outcome.status = 'partial' ? 1 : 0", "Count"),
        ("ExecutionDuration", "$outcome.duration_seconds", "Seconds"),
        ("RegionsSucceeded", "$outcome.succeeded", "Count"),
        ("RegionsFailed", "$outcome.failed", "Count"),
    )
    # A metric that cannot be sent never changes the outcome of a run.
    return task(
        publish_metrics(names, metrics),
        timeout_seconds=CALL_TIMEOUT_SECONDS,
        retries=[_ANY_CALL],
        catches=[catch(Step.CHOOSE_NOTIFICATION)],
        next_state=Step.CHOOSE_NOTIFICATION,
    )


def _notify(names: Names, topic: str, message: messages.Message, next_state: str) -> State:
    # Nor does a message; that it was not sent is counted, and rings an alarm.
    return task(
        publish_message(names, topic, subject=message.subject, body=message.body),
        timeout_seconds=CALL_TIMEOUT_SECONDS,
        retries=[_ANY_CALL],
        catches=[catch(Step.COUNT_UNTOLD)],
        next_state=next_state,
    )


def _untold(settings: Settings, names: Names) -> dict[str, State]:
    """A run ends as it would have; the watch tells of one that failed."""
    return {
        Step.COUNT_UNTOLD: task(
            publish_metrics(names, ((NOT_TOLD_METRIC, "1", "Count"),)),
            timeout_seconds=CALL_TIMEOUT_SECONDS,
            retries=[_ANY_CALL],
            catches=[catch(Step.END_UNTOLD)],
            next_state=Step.END_UNTOLD,
        ),
        Step.END_UNTOLD: choice(
            [
                ("$outcome.status = 'succeeded'", Step.COMPLETE),
                ("$outcome.status = 'partial'", _judged(settings, Step.END_PARTIAL)),
            ],
            default=Step.FAIL_UNTOLD,
        ),
    }


def _partial_end(settings: Settings) -> dict[str, State]:
    if _judged(settings, Step.END_PARTIAL) is Step.COMPLETE:
        return {}
    cause = expression("$string($outcome.failed) & ' of ' & $string($outcome.regions) & ' regions failed'")
    return {Step.FAIL_PARTIAL: fail(error=failures.PARTIAL, cause=cause)}


def _literal(value: bool) -> str:
    return "true" if value else "false"


def definition(settings: Settings, names: Names) -> Definition:
    """Return the definition of the weekly machine as AWS reads it."""
    return weekly_machine(settings, names).definition
