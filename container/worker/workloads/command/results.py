"""A program's results file: what became of each region, whatever the exit code says."""

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from worker.catalog import Region
from worker.errors import ErrorName, WorkerError
from worker.faults import faults
from worker.results import Findings
from worker.workloads import Failed, Outcome, RunFile, Succeeded
from worker.workloads.command.narration import REASON_CHARACTERS, Narration
from worker.workloads.command.settings import ResultsFile

PERIOD_CHARACTERS = 100
_SQUARE_METRES_PER_HECTARE = 10_000
_NO_REASON = "the program did not say why it has no result"


class Results:
    """What a program wrote about its regions."""

    def __init__(self, path: Path, names: ResultsFile, cleaned: Callable[[str], str]) -> None:
        """Read the file; `cleaned` takes out of a text what is to be shown nowhere.

        Raises:
            WorkerError: when it is none that could be judged by.
        """
        self._names = names
        self._cleaned = cleaned
        try:
            content = json.loads(path.read_bytes())
        except (OSError, ValueError) as error:
            raise _unreadable(path, f"is no JSON ({error})") from error
        entries = content.get(names.regions) if isinstance(content, dict) else None
        if not isinstance(entries, list):
            raise _unreadable(path, f"has no list called {names.regions}")
        errors = content.get(names.errors)
        period = content.get(names.period)
        self._period = cleaned(period)[:PERIOD_CHARACTERS].strip() if isinstance(period, str) else ""
        self._errors = [str(error) for error in errors] if isinstance(errors, list) else []
        self._entries: dict[str, Mapping[str, Any]] = {
            str(entry[names.region]): entry
            for entry in entries
            if isinstance(entry, dict) and entry.get(names.region)
        }

    def outcomes(
        self, regions: Sequence[Region], narration: Narration, report: RunFile | None
    ) -> Iterator[Outcome]:
        """Yield what became of each region; one that is not in the results has failed."""
        for region in regions:
            seconds = narration.seconds.get(region.name, 0)
            entry = self._entries.get(region.name)
            if entry is None:
                yield Failed(region, self._why(region.name, narration), seconds)
                continue
            try:
                yield Succeeded(region, self._findings(entry), report, None, seconds)
            except ValidationError as error:
                wrong = "; ".join(f"{name} {what}" for name, what in faults(error))
                yield Failed(region, self._reason(f"its result cannot be used: {wrong}"), seconds)

    def _findings(self, entry: Mapping[str, Any]) -> Findings:
        area = entry.get(self._names.area_square_metres)
        measured = area if isinstance(area, int | float) and math.isfinite(area) else None
        return Findings.model_validate(
            {
                "change_count": entry.get(self._names.change_count),
                "period": self._period or None,
                "area_ha": measured and round(measured / _SQUARE_METRES_PER_HECTARE, 2),
            }
        )

    def _why(self, region: str, narration: Narration) -> str:
        named = re.compile(rf"(?<![\w-]){re.escape(region)}(?![\w-])")
        written = next((error for error in self._errors if named.search(error)), None)
        return self._reason(written or narration.reasons.get(region) or _NO_REASON)

    def _reason(self, text: str) -> str:
        # Cut afterwards, since a part of what is hidden would not be known again.
        return self._cleaned(text)[:REASON_CHARACTERS]


def _unreadable(path: Path, what: str) -> WorkerError:
    return WorkerError(
        ErrorName.PROGRAM_FAILED,
        f"The program's results file {path.name} {what}: see its log, and command.results in the stack file.",
    )
