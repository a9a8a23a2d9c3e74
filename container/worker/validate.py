"""The command `validate`: finds in seconds the mistakes that would cost an hour later, and plans the run."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from worker.answers import REGIONS_BYTES, reported_regions
from worker.catalog import Region
from worker.errors import ErrorName, WorkerError
from worker.history import read_history
from worker.logs import logger
from worker.plan import Plan, deal, is_named_after, period_of, plan_from, plan_json, plan_key, runs_prefix
from worker.probe import try_to_use
from worker.results import reports_prefix
from worker.run_input import RunInput, read
from worker.s3 import JSON, Bucket
from worker.settings import Settings
from worker.workloads import Workload

# The number of runs that the error about an unknown run names.
_RUNS_NAMED = 5


def validate(
    settings: Settings,
    workload: Workload,
    *,
    reports: Bucket,
    cache: Bucket,
    progress: Callable[[], None],
    now: datetime,
) -> dict[str, Any]:
    """Check the input, the buckets and the workload; write the plan; return the answer to the task token.

    A validation-only execution writes no plan, and its answer also has the finding.

    Raises:
        WorkerError: one, with every problem.
    """
    catalog = settings.read_catalog().regions
    problems: list[WorkerError] = []
    run_input = None
    try:
        run_input = read(settings.run_input, catalog)
        problems += _beyond(workload, settings, run_input, catalog)
    except WorkerError as problem:
        problems.append(problem)
    # In parallel, so that the timeouts of services that do not answer are not added up.
    with ThreadPoolExecutor() as pool:
        cache_trial = pool.submit(try_to_use, cache, runs_prefix(settings.run_id))
        reports_trial = pool.submit(try_to_use, reports, reports_prefix(settings.run_id))
        first = pool.submit(cache.read_with_etag, plan_key(settings.run_id))
        lacks: list[WorkerError] = []
        for lack in workload.problems():
            lacks.append(lack)
            progress()
        for trial in (cache_trial, reports_trial):
            try:
                trial.result()
            except WorkerError as problem:
                problems.append(problem)
            progress()
    problems += lacks
    if not problems and run_input is not None and first.result() is None and _is_unknown(run_input):
        problems.append(_never_planned(settings.run_id, cache, progress))
    if problems:
        raise WorkerError(_name_of(problems), " ".join(problem.cause for problem in problems))
    assert run_input is not None  # noqa: S101 - without a problem there is an input
    written = first.result()
    new = _planned(
        settings,
        run_input,
        catalog,
        now,
        has_no_results=reports_trial.result(),
        # A redo keeps its plan, and one shard has every region.
        seconds=_measured(settings, reports, now) if written is None and settings.shards > 1 else {},
    )
    if not run_input.validate_only:
        plan = _kept(new, run_input, cache, written, settings)
    elif written is None:
        plan = new
    else:
        plan = _as_first_planned(new, run_input, written[0], cache, settings).in_at_most(settings.shards)
    logger.info("planned regions: %d, shards: %d%s", len(plan.regions), len(plan.shards), _durations(plan))
    answer = {
        "run_id": plan.run_id,
        "regions": len(plan.regions),
        "shards": [shard.shard for shard in plan.shards],
        "plan_key": plan_key(plan.run_id),
    }
    if not run_input.validate_only:
        return answer
    used = [
        f"s3://{bucket.name}/{prefix}: listed, written, deleted"
        for bucket, prefix in (
            (cache, runs_prefix(settings.run_id)),
            (reports, reports_prefix(settings.run_id)),
        )
    ]
    finding = {
        "run_id": plan.run_id,
        "planned_before": written is not None,
        "period": plan.period,
        "workload": plan.workload,
        "regions": reported_regions(plan.regions),
        "shards": [
            reported_regions(shard.regions, REGIONS_BYTES // len(plan.shards)) for shard in plan.shards
        ],
        "enable_scraping": settings.enable_scraping,
        "force_refresh": settings.force_refresh,
        "checked": ["the execution's input", *used, *workload.checked],
        **({"execution_name": run_input.execution_name} if run_input.execution_name else {}),
    }
    return {**answer, "finding": finding}


def _name_of(problems: Sequence[WorkerError]) -> ErrorName:
    """Return the name of the first problem that a retry does not solve, or else of the first one."""
    return min(problems, key=lambda problem: problem.name is ErrorName.SERVICE_UNAVAILABLE).name


def _beyond(
    workload: Workload, settings: Settings, run_input: RunInput, catalog: Sequence[Region]
) -> Iterator[WorkerError]:
    """Yield an error for each option that the workload does not support."""
    chosen = len(run_input.chosen(catalog, settings.regions_count))
    if chosen < len(catalog) and not workload.can_shard:
        yield WorkerError(
            ErrorName.INVALID_INPUT,
            f"{chosen} of {len(catalog)} regions are selected, but the program always works on all: leave regions "
            "and regions_count out of the input, or write {regions} in command.program.",
        )
    if settings.shards > 1 and not workload.can_shard:
        yield WorkerError(
            ErrorName.INVALID_INPUT,
            f"SHARDS is {settings.shards}, but the program always works on all regions: write 1 for worker.shards.",
        )
    if not settings.enable_scraping and not workload.can_skip_scraping:
        yield WorkerError(
            ErrorName.INVALID_INPUT,
            "enable_scraping is false, but the program has no such option: leave it out of the input, or name the "
            "program's variable for it in command.scrapingVariable.",
        )


def _planned(
    settings: Settings,
    run_input: RunInput,
    catalog: Sequence[Region],
    now: datetime,
    *,
    has_no_results: bool,
    seconds: Mapping[str, float],
) -> Plan:
    names = [region.name for region in run_input.chosen(catalog, settings.regions_count)]
    return Plan(
        run_id=settings.run_id,
        created=now.astimezone(UTC).replace(microsecond=0),
        period=period_of(settings.run_id, run_input.scheduled_time or now),
        workload=settings.workload,
        shards=deal(names, settings.shards, seconds),
        enable_scraping=settings.enable_scraping,
        force_refresh=settings.force_refresh,
        first_execution=settings.execution if has_no_results else "",
    )


def _measured(settings: Settings, reports: Bucket, now: datetime) -> Mapping[str, float]:
    """Return the seconds that regions took in earlier runs, by one request however many regions there are."""
    return read_history(reports).seconds_before(settings.run_id, now)


def _durations(plan: Plan) -> str:
    """Return the expected durations of the shards as the end of a sentence, or an empty text if none is known."""
    expected = [sum(shard.seconds) for shard in plan.shards if shard.seconds]
    return f", expected to take {min(expected):.0f} to {max(expected):.0f} s each" if expected else ""


def _is_unknown(run_input: RunInput) -> bool:
    """Return True if a run without a plan was named, except that of the scheduled time.

    A redo that comes before the scheduled start has made a plan begins the run: that start finds the run taken, and
    leaves it to the redo.
    """
    named, scheduled = run_input.run_id, run_input.scheduled_time
    if named is None or scheduled is None:
        return named is not None
    # The worker does not know the schedule's zone, which may shift the day by one.
    day = scheduled.astimezone(UTC).date()
    return not any(is_named_after(named, day + timedelta(days=shift)) for shift in (-1, 0, 1))


def _never_planned(run_id: str, cache: Bucket, progress: Callable[[], None]) -> WorkerError:
    plans: list[tuple[datetime, str]] = []
    for key, written_at, _ in cache.entries(runs_prefix()):
        progress()
        if key.endswith("/plan.json"):
            plans.append((written_at, key.removeprefix(runs_prefix()).removesuffix("/plan.json")))
    newest = [name for _, name in sorted(plans, reverse=True)[:_RUNS_NAMED]]
    there_are = f"the last plans are those of {', '.join(newest)}" if newest else "there is no plan yet"
    return WorkerError(
        ErrorName.INVALID_INPUT,
        f"run_id {run_id!r} names a run that has no plan, and a redo needs one: {there_are}. Name one of them, or "
        "leave run_id out to begin a new run.",
    )


def _kept(
    plan: Plan,
    run_input: RunInput,
    cache: Bucket,
    written: tuple[bytes, str] | None,
    settings: Settings,
) -> Plan:
    """Write the plan and return it, or return the existing one: a redo uses the first plan of its run."""
    key = plan_key(plan.run_id)
    if written is None:
        if cache.write_new(key, plan_json(plan), JSON):
            return plan
        # Another execution has written one meanwhile.
        written = cache.read_with_etag(key)
    if written is None:
        raise WorkerError(
            ErrorName.BUCKET_UNAVAILABLE,
            f"s3://{cache.name}/{key} was deleted meanwhile: start the run again.",
        )
    body, etag = written
    first = _as_first_planned(plan, run_input, body, cache, settings)
    fitting = first.in_at_most(settings.shards)
    if fitting is not first and not cache.replace(key, plan_json(fitting), JSON, etag=etag):
        raise WorkerError(
            ErrorName.SERVICE_UNAVAILABLE,
            f"s3://{cache.name}/{key} was written by another execution meanwhile.",
        )
    return fitting


def _as_first_planned(
    plan: Plan, run_input: RunInput, written: bytes, cache: Bucket, settings: Settings
) -> Plan:
    """Return the first plan of a run; raise an error if the input or the stack contradicts it."""
    first = plan_from(written, cache.name, plan.run_id)
    if run_input.chooses and set(plan.regions) != set(first.regions):
        raise WorkerError(
            ErrorName.INVALID_INPUT,
            f"Run {plan.run_id} was planned with {len(first.regions)} other regions, and a redo keeps its plan: "
            "leave regions and regions_count out of the input, or give another run_id.",
        )
    if first.workload != settings.workload:
        raise WorkerError(
            ErrorName.INVALID_INPUT,
            f"Run {plan.run_id} was planned for the workload {first.workload}, and the stack now has "
            f"{settings.workload}: deploy {first.workload} again, or leave run_id out to begin a new run.",
        )
    return first
