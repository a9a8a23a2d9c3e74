"""The weekly machine: its states, in the order of a successful run."""

from typing import Any

from components.cost import run_cost
from components.machines import errors, orphans
from components.machines.asl import (
    Definition,
    Machine,
    State,
    call,
    catch,
    choice,
    expression,
    map_state,
    pass_state,
    retry,
    succeed,
    task,
)
from components.machines.claims import CLAIM, Claim, claim_states
from components.machines.expressions import cut
from components.machines.integrations import (
    INPUT_MAX_CHARACTERS,
    OF_CHILD_EXECUTION,
    RUN_SETTINGS,
    SELECT_FOR_CHILD,
    RunScope,
    bounded_input,
    read_run_settings,
    run_worker,
    shard_executions,
    worker_group,
)
from components.machines.orphans import OrphanSweep, orphan_sweep_states
from components.machines.run_name import SCHEDULED_MILLISECONDS, run_name, validates_only
from components.machines.summarize import LOST_SHARDS, MANY_LOST_SHARDS, summarize_run
from components.machines.weekly.outcome_states import outcome_states
from components.machines.weekly.state_names import WeeklyState
from components.settings import Settings
from components.settings.bounds import (
    CLAIM_PAUSE_SECONDS,
    OVERLAP_PAUSE_SECONDS,
    SUMMARY_TIMEOUT_SECONDS,
    VALIDATION,
    overlap_turns,
    start_backoff,
    sweep_pages,
    worker_backoff,
)
from components.settings.names import Names
from components.settings.run import Overlap
from components.settings.worker import INLINE_SHARDS

_WEEK_MILLISECONDS = 7 * 24 * 3600 * 1000

# All shards of a run may be lost, and a state holds at most 256 KiB. It has the error of each twice, and a character
# may have six bytes of JSON.
_LOSS_MAX_CHARACTERS = 1_500
# Names of errors are ASCII; none of AWS or of a worker is longer.
_ERROR_MAX_CHARACTERS = 64
_LOSSES_MAX_CHARACTERS = 17_000
# The rest of the record of a lost shard, beyond the shards of an inline Map, in characters of six bytes.
_LOSS_BESIDES_CHARACTERS = 30
_SILENT = "Its execution ended without an answer."
# The machine does not read the other fields, and the answers of all shards are the data of one state.
_ANSWER_OF_CHILD = (
    "$sift($states.result, function($v, $k) { $not($k in ['shard', 'status', 'result_key', 'seconds']) })"
)
_FAILURE = expression(errors.CAUGHT)
_NO_FAILURE = errors.NO_FAILURE
_SCHEDULED_AT_START = (
    f"($settings := {RUN_SETTINGS}; $input := $states.context.Execution.Input; {SCHEDULED_MILLISECONDS})"
)
_NOTHING_YET: dict[str, Any] = {
    "regions": 0,
    "succeeded": 0,
    "failures": [],
    "warnings": [],
    "log_stream": "",
    "period": "",
    "last": {"run": "", "seconds": 0, "usd": 0},
    "retries": 0,
    "lost": [],
    "owner": {"execution": "", "run": ""},
    "missed": [],
    "is_summarized": True,
    "is_reported": False,
    "counts_as_success": False,
    "failure": _NO_FAILURE,
    "pipeline_tries": 0,
    "run_tries": 0,
    "usd": 0,
}


def weekly_machine(settings: Settings, names: Names) -> Machine:
    """Return the weekly machine of a stack, which refers to resources by name only."""
    return Machine(
        {
            WeeklyState.LOAD_SETTINGS: _load_settings(settings, names),
            WeeklyState.NAME_RUN: _name_run(settings),
            WeeklyState.CHOOSE_START: _choose_start(settings),
            **_weeks_between(settings),
            **_claims(settings, names),
            WeeklyState.VALIDATE_INPUTS: _validate_inputs(settings, names),
            WeeklyState.CHOOSE_WORK: _choose_work(),
            **_validation_alone(),
            WeeklyState.RUN_WEEKLY_MONITORING: _run_weekly_monitoring(settings, names),
            # A worker whose attempt timed out may still be running; workers that answered are about to exit.
            WeeklyState.CHECK_RETRIES: choice(
                [("$retries > 0 or $count($lost) > 0", orphans.ENTRY_STATE)],
                default=WeeklyState.SUMMARIZE_RUN,
            ),
            **orphan_sweep_states(
                names,
                OrphanSweep(
                    filter=orphans.of_group(worker_group(names)),
                    next_state=WeeklyState.CHECK_PLANNED,
                    pages=sweep_pages(settings.worker),
                ),
            ),
            # A run without a plan has no results to reduce.
            WeeklyState.CHECK_PLANNED: choice(
                [("$regions > 0", WeeklyState.SUMMARIZE_RUN)], default=WeeklyState.READ_LAST_SUCCESS
            ),
            WeeklyState.SUMMARIZE_RUN: _summarize_run(names),
            **outcome_states(settings, names),
        },
        timeout_seconds=settings.run.timeout_seconds,
        comment=f"{names.project} {names.environment}: monitors land clearing, region by region",
    )


def _load_settings(settings: Settings, names: Names) -> State:
    defaults = (
        f"{{'enable_scraping': {_literal(settings.monitoring.enable_scraping)},"
        f" 'force_refresh': {_literal(settings.monitoring.force_refresh)}}}"
    )
    only = expression(validates_only("$states.context.Execution.Input"))
    nothing_yet = {**_NOTHING_YET, **orphans.initial_variables(names)}
    return call(
        read_run_settings(names),
        catches=[
            catch(
                WeeklyState.CHOOSE_START,
                assign={
                    **nothing_yet,
                    "failure": _FAILURE,
                    "run_id": expression("$states.context.Execution.Name"),
                    "validate_only": only,
                },
            )
        ],
        assign={
            "settings": expression(run_cost.with_prices(RUN_SETTINGS)),
            "input": expression(
                f"$merge([{defaults}, {bounded_input('$states.context.Execution.Input')}[$type($) != 'null']])"
            ),
            "run_id": expression("$states.context.Execution.Name"),
            **nothing_yet,
            "validate_only": only,
        },
        # One expression computes the time for both of its uses, since a state cannot read what it assigns itself.
        output=expression(_SCHEDULED_AT_START) if settings.schedule.every_weeks > 1 else None,
        next_state=WeeklyState.NAME_RUN,
    )


def _name_run(settings: Settings) -> State:
    """Return the state that names the run: by its period in the schedule's zone if scheduled, or by its execution.

    An error in this state would not be caught, so it leaves invalid input for `ValidateInputs` to refuse.
    """
    skips_weeks = settings.schedule.every_weeks > 1
    scheduled = "$states.input" if skips_weeks else SCHEDULED_MILLISECONDS
    name = run_name(settings.schedule.period, "$states.context.Execution.Name", scheduled)
    return pass_state(
        assign={
            "run_id": expression(name),
            "usd": expression("$settings.unitPrices.run"),
            **({"scheduled": expression(scheduled)} if skips_weeks else {}),
        },
        next_state=WeeklyState.CHOOSE_START,
    )


def _choose_start(settings: Settings) -> State:
    """Return the first choice; a validation-only execution skips the claims, so no run blocks it and it blocks none."""
    return choice(
        [
            ("$failure.Error != '' and $validate_only", WeeklyState.INVALID),
            ("$failure.Error != ''", WeeklyState.CHECK_EXECUTION_STATUS),
            ("$validate_only", WeeklyState.VALIDATE_INPUTS),
        ],
        default=WeeklyState.CHECK_WEEK if settings.schedule.every_weeks > 1 else _first_claim(settings),
        assign=CLAIM,
    )


def _choose_work() -> State:
    """Return the choice after validation; a validation-only execution stops no workers: they may be a real run's."""
    return choice(
        [
            ("$failure.Error != '' and $validate_only", WeeklyState.INVALID),
            ("$failure.Error != ''", orphans.ENTRY_STATE),
            ("$validate_only", WeeklyState.VALIDATED),
        ],
        default=WeeklyState.RUN_WEEKLY_MONITORING,
    )


def _validation_alone() -> dict[str, State]:
    """Return the final states of a validation-only execution; its output is the finding, and no message is sent."""
    return {
        WeeklyState.VALIDATED: succeed(
            output=expression(
                "$merge([$states.input.finding, {'status': 'validated',"
                " 'execution': $states.context.Execution.Id, 'usd': $round($usd, 4)}])"
            )
        ),
        # This end does not count as a failure: the alarms and the watch machine are for runs.
        WeeklyState.INVALID: succeed(
            output={
                "status": "invalid",
                "execution": expression("$states.context.Execution.Id"),
                "run_id": expression("$run_id"),
                "error": expression("$failure.Error"),
                "cause": expression("$failure.Cause & ''"),
                "usd": expression("$round($usd, 4)"),
            }
        ),
    }


def _weeks_between(settings: Settings) -> dict[str, State]:
    """Return the states that end a start in a week without a run: every week has a start, even with `everyWeeks`.

    A rate of days would count from its creation, ignore the time zone, and could not be deployed again after
    its first day.
    """
    schedule = settings.schedule
    if schedule.every_weeks == 1 or schedule.anchor_monday is None:
        return {}
    anchor_milliseconds = int(schedule.anchor_monday.timestamp()) * 1000
    weeks = f"$floor(($scheduled - {anchor_milliseconds}) / {_WEEK_MILLISECONDS})"
    between = f"$scheduled > 0 and $not($exists($input.run_id)) and {weeks} % {schedule.every_weeks} != 0"
    return {
        WeeklyState.CHECK_WEEK: choice(
            [(between, WeeklyState.NOT_THIS_WEEK)], default=_first_claim(settings)
        ),
        WeeklyState.NOT_THIS_WEEK: succeed(
            output={"status": "skipped", "run_id": expression("$run_id"), "reason": "not this week"}
        ),
    }


def _first_claim(settings: Settings) -> WeeklyState:
    return WeeklyState.CLAIM_RUN if settings.run.overlap is Overlap.ALLOW else WeeklyState.CLAIM_PIPELINE


def _claims(settings: Settings, names: Names) -> dict[str, State]:
    """Return the states of both claims, the pipeline's first: a run that may not start must not count as done."""
    waits = settings.run.overlap is Overlap.WAIT
    pipeline = Claim(
        what="Pipeline",
        key="'claims/active'",
        granted=WeeklyState.CLAIM_RUN,
        refused=WeeklyState.REPORT_OUTCOME,
        refused_assign=_skipped_by_another(),
        # A duplicate delivery of a start loses no work, so no warning is sent.
        same="$owner.run = $run_id and $not($exists($input.run_id))",
        same_refused=WeeklyState.ALREADY_RUN,
        pause_seconds=OVERLAP_PAUSE_SECONDS if waits else CLAIM_PAUSE_SECONDS,
        turns=overlap_turns(settings.run),
        waits=waits,
        is_left_behind=True,
    )
    run = Claim(
        what="Run",
        key="'claims/runs/' & $run_id",
        granted=WeeklyState.VALIDATE_INPUTS,
        refused=WeeklyState.ALREADY_RUN,
        # An explicit `run_id` means "redo", even if that run already succeeded.
        kept="$owner_status = 'SUCCEEDED' and $not($exists($input.run_id))",
    )
    return {
        **({} if _first_claim(settings) is WeeklyState.CLAIM_RUN else _claim(names, pipeline)),
        **(
            {WeeklyState.ALREADY_RUNNING: _skipped("already running")}
            if settings.run.overlap is Overlap.SKIP
            else {}
        ),
        **_claim(names, run),
        WeeklyState.ALREADY_RUN: _skipped("already run"),
    }


def _claim(names: Names, claim: Claim) -> dict[str, State]:
    return claim_states(names, claim, on_failure=WeeklyState.CHECK_EXECUTION_STATUS)


def _skipped_by_another() -> dict[str, Any]:
    """Return the variables of a run that was skipped because another one works."""
    return {
        "status": "skipped",
        "outcome": {
            "status": "skipped",
            "run_id": expression("$run_id"),
            "execution": expression("$states.context.Execution.Id"),
            "input": expression(bounded_input("$states.context.Execution.Input")),
            "start_time": expression("$states.context.Execution.StartTime"),
            "owner_run": expression("$owner.run"),
            "owner_execution": expression("$owner.execution"),
        },
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


def _failed(next_state: str, usd: str) -> Definition:
    """Return the catcher of a state whose workers have cost `usd`, a JSONata expression."""
    return catch(next_state, assign={"failure": _FAILURE, "usd": expression(f"$usd + {usd}")})


def _validate_inputs(settings: Settings, names: Names) -> State:
    worker = run_worker(
        names,
        command="validate",
        environment={
            "RUN_ID": expression("$run_id"),
            # ECS refuses a longer input; uncut, it could exceed the size of a state, which no catcher handles.
            "RUN_INPUT": expression(
                f"$substring($string($states.context.Execution.Input), 0, {INPUT_MAX_CHARACTERS + 1})"
            ),
            "ENABLE_SCRAPING": expression("$string($input.enable_scraping)"),
            "FORCE_REFRESH": expression("$string($input.force_refresh)"),
            # The worker ends itself at this deadline, so that a hanging worker does not outlive its state.
            "TASK_TIMEOUT_SECONDS": str(settings.run.validation_timeout_seconds),
        },
        capacity_provider="FARGATE",
        execute_command=settings.worker.execute_command,
    )
    return task(
        worker,
        timeout_seconds=settings.run.validation_timeout_seconds,
        heartbeat_seconds=settings.run.validation_timeout_seconds // 2,
        retries=[retry([*errors.COULD_NOT_START, *errors.WAS_LOST], VALIDATION)],
        catches=[_failed(WeeklyState.CHOOSE_WORK, run_cost.of_small_worker())],
        assign={
            "regions": expression("$states.result.regions"),
            "shards": expression("[$states.result.shards]"),
            # After a retry, a worker of an earlier attempt may still be running.
            "retries": expression("$states.context.State.RetryCount"),
            # Clear the failure recorded by an earlier claim attempt; it was resolved.
            "failure": _NO_FAILURE,
            "usd": expression(f"$usd + {run_cost.of_small_worker()}"),
        },
        next_state=WeeklyState.CHOOSE_WORK,
    )


def _run_weekly_monitoring(settings: Settings, names: Names) -> State:
    distributed = settings.worker.is_distributed
    return map_state(
        items="$shards",
        max_items=settings.worker.shards,
        selector={
            "shard": expression("$states.context.Map.Item.Value"),
            "began": expression("$millis()"),
            **(SELECT_FOR_CHILD if distributed else {}),
        },
        processor=_shard_machine(settings, names),
        max_concurrency=settings.worker.shards,
        children=shard_executions(names) if distributed else None,
        # No other state stops a worker whose token is no longer valid.
        catches=[_failed(orphans.ENTRY_STATE, run_cost.of_shards_at_most(settings))],
        assign={
            "succeeded": expression("$sum([0, $states.result.answer.(succeeded + skipped)])"),
            "failures": expression("[$states.result.answer.failures]"),
            "warnings": expression("[$distinct($states.result.answer.warnings)]"),
            "lost": expression("[$states.result.lost]"),
            "retries": expression("$sum([$retries, $states.result.retries])"),
            "usd": expression("$sum([$usd, $states.result.usd])"),
            **(_with_silent_shards() if distributed else {}),
            "log_stream": expression(
                "[$states.result.answer[failed > 0].log_stream[$type($) = 'string'], ''][0]"
            ),
        },
        next_state=WeeklyState.CHECK_RETRIES,
    )


def _with_silent_shards() -> dict[str, str]:
    """Return the assignments that also count shards whose child execution ended without an answer.

    No state of a child handles that, e.g. if an operator stops it. AWS does not document the result of such an item,
    so that it may be missing, null or an error.
    """
    silent = "$silent := $shards[$not($ in $states.result.shard)]"
    return {
        "lost": expression(
            f"({silent}; [$states.result.lost, $silent.{{'shard': $, 'error': '{_SILENT}', 'retries': 0, 'usd': 0}}])"
        ),
        "failures": expression(
            f"({silent}; [$states.result.answer.failures,"
            f" $silent.{{'region': 'shard ' & $string($), 'error': '{_SILENT}'}}])"
        ),
        "usd": expression(
            f"({silent}; $sum([$usd, $states.result.usd,"
            f" {run_cost.of_silent_shards_at_most('$count($silent)')}]))"
        ),
    }


def _summarize_run(names: Names) -> State:
    """Return the reduce step; if it fails, the shards' answers are used, and the outcome is not summarized."""
    usd = expression(f"$usd + {run_cost.of_small_worker()}")
    return summarize_run(
        names,
        {"LOST_SHARDS": expression(MANY_LOST_SHARDS if names.is_distributed else LOST_SHARDS)},
        timeout_seconds=SUMMARY_TIMEOUT_SECONDS,
        retried=[*errors.COULD_NOT_START, *errors.WAS_LOST],
        assign={
            **{name: expression(f"$states.result.{name}") for name in ("regions", "succeeded", "period")},
            "failures": expression("[$states.result.failures]"),
            "warnings": expression("[$states.result.warnings]"),
            "log_stream": expression("$states.result.log_stream"),
            "usd": usd,
        },
        catches=[
            catch(
                WeeklyState.READ_LAST_SUCCESS,
                assign={
                    "is_summarized": False,
                    "warnings": expression(
                        f"[$warnings, '{WeeklyState.SUMMARIZE_RUN} failed: ' & $states.errorOutput.Error]"
                    ),
                    "usd": usd,
                },
            )
        ],
        next_state=WeeklyState.READ_LAST_SUCCESS,
    )


def _shard_machine(settings: Settings, names: Names) -> Machine:
    """Return the machine of one shard with its attempts; if all fail, it returns a record of the loss, no error."""
    size = settings.worker.task_size(settings.monitoring.regions_count)
    larger = size.next_up()
    scope = OF_CHILD_EXECUTION if settings.worker.is_distributed else RunScope()
    worker = run_worker(
        names,
        command="monitor",
        environment={
            "RUN_ID": expression(scope.run_id),
            "SHARD": expression("$string($states.input.shard)"),
            "ATTEMPT": expression("$string($states.context.State.RetryCount)"),
            "ENABLE_SCRAPING": expression(f"$string({scope.input}.enable_scraping)"),
            "FORCE_REFRESH": expression(f"$string({scope.input}.force_refresh)"),
        },
        capacity_provider=_first_attempt("FARGATE_SPOT", "FARGATE") if settings.worker.spot else "FARGATE",
        size={
            "Cpu": _first_attempt(str(size.cpu_units), str(larger.cpu_units)),
            "Memory": _first_attempt(str(size.memory_mib), str(larger.memory_mib)),
        },
        execute_command=settings.worker.execute_command,
        scope=scope,
    )
    usd = run_cost.of_shard("$states.input.began", scope.settings)
    lost = {
        "shard": expression("$states.input.shard"),
        "retries": expression("$states.context.State.RetryCount"),
        "usd": expression(usd),
        "error": expression(
            f"$substring({errors.CAUGHT}.Error, 0, {_ERROR_MAX_CHARACTERS}) & ': ' & "
            + cut(f"{errors.CAUGHT}.Cause & ''", _loss_max_characters(settings.worker.shards))
        ),
    }
    return Machine(
        {
            WeeklyState.RUN_SHARD: task(
                worker,
                timeout_seconds=settings.run.task_timeout_seconds,
                heartbeat_seconds=settings.run.heartbeat_seconds,
                retries=[
                    retry(errors.COULD_NOT_START, start_backoff(settings.run)),
                    retry(errors.WAS_LOST, worker_backoff(settings.run)),
                ],
                catches=[catch(WeeklyState.LOSE_SHARD, assign={"lost_shard": lost})],
                output={
                    **_shard_number(settings, "$states.input.shard"),
                    "answer": expression(
                        _ANSWER_OF_CHILD if settings.worker.is_distributed else "$states.result"
                    ),
                    "lost": [],
                    "retries": expression("$states.context.State.RetryCount"),
                    "usd": expression(usd),
                },
            ),
            WeeklyState.LOSE_SHARD: pass_state(
                output={
                    **_shard_number(settings, "$lost_shard.shard"),
                    "answer": {
                        "succeeded": 0,
                        "skipped": 0,
                        "failures": [
                            {
                                "region": expression("'shard ' & $string($lost_shard.shard)"),
                                "error": expression("$lost_shard.error"),
                            }
                        ],
                    },
                    "lost": [expression("$lost_shard")],
                    "retries": expression("$lost_shard.retries"),
                    "usd": expression("$lost_shard.usd"),
                }
            ),
        }
    )


def _shard_number(settings: Settings, shard: str) -> dict[str, str]:
    """Return the field of a child execution's output by which the machine finds the shards without an answer."""
    return {"shard": expression(shard)} if settings.worker.is_distributed else {}


def _loss_max_characters(shards: int) -> int:
    """Return the most characters of the cause of a lost shard."""
    besides = _LOSS_BESIDES_CHARACTERS * max(0, shards - INLINE_SHARDS)
    return min(_LOSS_MAX_CHARACTERS, (_LOSSES_MAX_CHARACTERS - besides) // shards)


def _first_attempt(first: str, later: str) -> str:
    return expression(f"$states.context.State.RetryCount = 0 ? '{first}' : '{later}'")


def _literal(value: bool) -> str:
    return "true" if value else "false"


def definition(settings: Settings, names: Names) -> Definition:
    """Return the definition of the weekly machine as AWS expects it."""
    return weekly_machine(settings, names).definition
