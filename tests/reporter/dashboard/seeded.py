"""A history of twenty weekly runs with failures, the same at each call, and the document of its page."""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from reporter.dashboard.history import FAILED, SUCCEEDED, CostedExecution, History, RunEntry
from reporter.dashboard.page import page_document
from reporter.settings import Settings
from tests.reporter.examples import settings as reporter_settings

REGIONS = (
    *(
        "jakarta",
        "bogor",
        "depok",
        "bekasi",
        "tangerang",
        "bandung",
        "cirebon",
        "sukabumi",
        "garut",
        "tasikmalaya",
    ),
    *(
        "semarang",
        "surakarta",
        "pekalongan",
        "tegal",
        "magelang",
        "purwokerto",
        "yogyakarta",
        "bantul",
        "surabaya",
    ),
    *(
        "malang",
        "kediri",
        "madiun",
        "jember",
        "banyuwangi",
        "probolinggo",
        "pasuruan",
        "mojokerto",
        "blitar",
        "serang",
    ),
)
NOW = datetime(2026, 12, 9, 6, 25, tzinfo=UTC)
SETTINGS: Settings = reporter_settings(budget_usd="20")
_CLOUDY = {"bogor": 0.45, "banyuwangi": 0.3, "garut": 0.2, "jember": 0.15}


def seeded_history(runs: int = 20, regions: tuple[str, ...] = REGIONS, now: datetime = NOW) -> History:
    """Return a history whose newest run was on the Monday before a moment."""
    chance = random.Random(7)  # noqa: S311
    monday = (now - timedelta(days=now.weekday())).replace(hour=6, minute=0, second=12)
    history = History()
    for back in reversed(range(runs)):
        history = history.with_run(_run(chance, monday - timedelta(weeks=back), back, regions))
    return history


def _run(chance: random.Random, start: datetime, back: int, regions: tuple[str, ...]) -> RunEntry:
    year, week, _ = start.isocalendar()
    run_id = f"{year}-W{week:02}"
    if back == 11:
        return RunEntry(
            run_id=run_id,
            started_at=start,
            duration_seconds=43_200,
            outcome="failed",
            cost_usd=None,
            index_key=None,
            execution=f"{run_id}-1",
            more={"ended": "timed_out"},
        )
    letters = {
        region: FAILED if chance.random() < _CLOUDY.get(region, 0.008) else SUCCEEDED for region in regions
    }
    hectares = {
        region: round(chance.expovariate(1 / (4 + index % 7 * 3)), 2)
        for index, region in enumerate(regions)
        if letters[region] == SUCCEEDED
    }
    was_repeated = back in {5, 14}
    return RunEntry(
        run_id=run_id,
        started_at=start + timedelta(hours=9 * was_repeated),
        duration_seconds=round(3300 * chance.uniform(0.8, 1.3) * (1.6 if back in {3, 4} else 1)),
        outcome="partial" if FAILED in letters.values() else "succeeded",
        cost_usd=Decimal(str(round(chance.uniform(0.35, 0.5) * (1.5 if back in {3, 4} else 1), 4))),
        index_key=f"weekly/{run_id}/index.html",
        regions=letters,
        hectares=hectares,
        execution=f"{run_id}-{1 + was_repeated}",
        earlier=(CostedExecution(execution=f"{run_id}-1", started_at=start, cost_usd=Decimal("0.21")),)
        if was_repeated
        else (),
    )


def seeded_facts() -> dict[str, Any]:
    """Return the states of alarms, one of which is in alarm, and the next starts."""
    alarms = {
        "long-execution": "A run needed more than 80 % of its timeout.",
        "executions-failed": "A run failed.",
        "executions-timed-out": "A run reached its timeout.",
        "notifications-failed": "A message was not delivered.",
        "missed-success": "No run succeeded in time.",
        "watch-silent": "The watch machine does not run.",
    }
    return {
        "alarms": [
            {
                "name": f"ccapi-{name}-prod",
                "state": "ALARM" if name == "long-execution" else "OK",
                "since": "2026-11-23T07:41:00Z",
                "description": description,
            }
            for name, description in alarms.items()
        ],
        "schedule": {
            "is_enabled": True,
            "time_zone": "UTC",
            "starts": [f"{NOW + timedelta(days=5 + 7 * week):%Y-%m-%dT06:00:00Z}" for week in range(4)],
        },
    }


def seeded_document(history: History | None = None, **changes: Any) -> dict[str, Any]:
    """Return the document of the seeded page; a None in `changes` is an unknown fact."""
    return {**page_document(history or seeded_history(), SETTINGS, seeded_facts(), NOW), **changes}
