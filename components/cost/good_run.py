"""The way of a good run, and what it is billed for besides the time of its workers.

Good is a run as most are: of all the regions that the settings name, without a failure, and not a stack's first.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal

from components.claims import taken_over
from components.cost.uses import run_uses
from components.settings import Settings
from components.settings.run import Overlap
from components.steps import Step

_ENDING = (
    Step.CHECK_RETRIES,
    Step.SUMMARIZE_RUN,
    Step.READ_LAST_SUCCESS,
    Step.CHECK_EXECUTION_STATUS,
    Step.EXTRACT_RESULTS,
    Step.CHECK_COVERAGE,
    Step.RECORD_SUCCESS,
    Step.PUBLISH_METRICS,
    Step.CHOOSE_NOTIFICATION,
    Step.NOTIFY_SUCCESS,
    Step.COMPLETE,
)


def run_path(settings: Settings) -> Sequence[str]:
    """Return the states that a good run goes through; it takes the pipeline over from the run before it."""
    return (
        Step.LOAD_SETTINGS,
        Step.NAME_RUN,
        Step.CHOOSE_START,
        *((Step.CHECK_WEEK,) if settings.schedule.every_weeks > 1 else ()),
        *(() if settings.run.overlap is Overlap.ALLOW else taken_over("Pipeline")),
        Step.CLAIM_RUN,
        Step.VALIDATE_INPUTS,
        Step.CHOOSE_WORK,
        Step.RUN_WEEKLY_MONITORING,
        *_ENDING,
    )


def run_transitions(settings: Settings) -> int:
    """Return how many state transitions a good run has."""
    return len(run_path(settings)) + settings.worker.shards


def shard_seconds(settings: Settings) -> int:
    """Return for how long the worker of a shard is billed."""
    regions = math.ceil(settings.monitoring.regions_count / settings.worker.shards)
    return settings.worker.expected_seconds(regions)


def billed_besides(settings: Settings) -> Mapping[str, Decimal]:
    """Return what a good run is billed for besides its workers, by the key of its price."""
    takes_over = settings.run.overlap is not Overlap.ALLOW
    of_states = Counter(
        sfn_standard_transition=run_transitions(settings),
        # The claims, of which that of the pipeline is tried, read and taken over, and the record of the success.
        s3_put_request=4 if takes_over else 2,
        s3_get_request=2 if takes_over else 1,
        metrics_api_request=1,
        sns_publish=1,
        sns_email_delivery=len(settings.notifications.success_emails),
        xray_trace=1 if settings.observability.tracing else 0,
    )
    uses = run_uses(settings, shard_seconds(settings))
    return {
        key: Decimal(of_states[key]) + Decimal(uses.get(key, 0))
        for key in (*of_states, *(key for key in uses if key not in of_states))
    }
