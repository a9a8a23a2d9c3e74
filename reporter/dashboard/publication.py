"""The publication of the dashboard at the end of a run."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from reporter import log
from reporter.aws import Aws, error_name
from reporter.clock import Clock
from reporter.dashboard.ended_run import NOT_RUNS, ended_run, run_name
from reporter.dashboard.facts import read_facts
from reporter.dashboard.page import page, page_document
from reporter.dashboard.store import Store
from reporter.outcome import Outcome
from reporter.settings import Settings

NEEDED_SECONDS = 10.0
"""The time that the function must have left; messages have used it first."""
_WITH_SUMMARY = frozenset({"succeeded", "partial"})


class Dashboard:
    """The page about all runs of a stack, and the history behind it."""

    def __init__(self, settings: Settings, aws: Aws, clock: Clock) -> None:
        self._settings = settings
        self._aws = aws
        self._clock = clock
        self._store = Store(settings.reports_bucket, aws, clock)

    def publish(self, document: Any, remaining_seconds: float) -> None:
        """Write the end of a run into the history, and publish the page; never raise, since messages matter more."""
        try:
            outcome = Outcome.of(document) if isinstance(document, Mapping) else None
            if outcome is None or outcome.status in NOT_RUNS or not run_name(outcome):
                return
            self._publish(outcome, remaining_seconds)
        except Exception as error:  # noqa: BLE001  the message was sent, and the run has its outcome
            log.error(
                "the dashboard was not published; `ccapi dashboard --rebuild` does it again",
                error=error_name(error),
                why=str(error)[:300],
            )

    def _publish(self, outcome: Outcome, remaining_seconds: float) -> None:
        if remaining_seconds < NEEDED_SECONDS:
            raise TimeoutError(f"{remaining_seconds:.0f} s are left, and it needs {NEEDED_SECONDS:.0f} s")
        now = datetime.fromtimestamp(self._clock.now(), UTC)
        summary = self._store.summary(outcome.run_id) if outcome.run_id else {}
        if not summary and outcome.is_summarized and outcome.status in _WITH_SUMMARY:
            log.error(
                "the dashboard lacks the regions of a run, whose summary cannot be read", run=outcome.run_id
            )
        run = ended_run(outcome, summary, now)
        history = self._store.change(lambda known: known.with_run(run))
        facts = read_facts(self._settings, self._aws, now)
        self._store.write_page(page(page_document(history, self._settings, facts, now)))
        log.info("the dashboard is published", run=run.run_id)
