"""A program's results file, which decides the outcome of each region, whatever the exit code is."""

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from worker.catalog import Region
from worker.errors import ErrorName, WorkerError
from worker.faults import faults
from worker.regular_files import UnfitFileError, opened, shown
from worker.results import Findings
from worker.workloads import Failed, Outcome, Remark, RunFile, Succeeded
from worker.workloads.command.json_values import Damaged, clean, read
from worker.workloads.command.log_parser import REASON_CHARACTERS, LogParser
from worker.workloads.command.settings import ResultsFile

PERIOD_CHARACTERS = 100
MOST_BYTES = 100 * 1024**2
"""The maximum size of a results file; a run of every region writes some kilobytes."""
_MOST_CLEANED_CHARACTERS = 20_000
_SQUARE_METRES_PER_HECTARE = 10_000
_NO_REASON = "the program gave no reason why it has no result"


class Results:
    """The outcomes of regions in a results file."""

    def __init__(self, path: Path, names: ResultsFile, cleaned: Callable[[str], str]) -> None:
        """Read the file; `cleaned` removes secrets from a text.

        Raises:
            WorkerError: if the file is unusable.
        """
        self._names = names
        self._cleaned = cleaned
        try:
            with opened(path, MOST_BYTES) as file:
                document = read(file.read())
        except UnfitFileError as error:
            raise _unreadable(path, f"cannot be used: {error}") from error
        except (OSError, ValueError) as error:
            raise _unreadable(path, f"is no JSON ({error})") from error
        content = document.value
        entries = content.get(names.regions) if isinstance(content, dict) else None
        if not isinstance(entries, list):
            mistake = f", and is not JSON as a whole ({document.mistake})" if document.mistake else ""
            raise _unreadable(path, f"has no list called {names.regions}{mistake}")
        self._mistake = document.mistake
        errors = content.get(names.errors)
        period = content.get(names.period)
        self._period = cleaned(clean(period))[:PERIOD_CHARACTERS].strip() if isinstance(period, str) else ""
        self._errors = [str(error) for error in (errors if isinstance(errors, list) else [errors]) if error]
        self._entries: dict[str, list[Mapping[str, Any]]] = {}
        self._nameless = 0
        for entry in entries:
            if isinstance(entry, dict) and entry.get(names.region):
                self._entries.setdefault(str(entry[names.region]), []).append(entry)
            else:
                self._nameless += 1

    def cover(self, regions: Sequence[Region]) -> bool:
        """Return true if the results have an entry or an error for every region."""
        return all(region.name in self._entries or self._written(region.name) for region in regions)

    def remarks(self, regions: Sequence[Region]) -> Iterator[Remark]:
        """Yield a remark if the file is not JSON as a whole, and about entries that belong to none of the regions."""
        if self._mistake:
            yield Remark(
                f"The results file is not JSON as a whole ({self._mistake}); what can be read of it counts."
            )
        if self._nameless:
            names = self._names
            yield Remark(
                f"{self._nameless} of the entries in {names.regions} have no {names.region} and belong to no region."
            )
        others = sorted(set(self._entries) - {region.name for region in regions})
        if others:
            named = self._reason(", ".join(others[:5]) + (" and more" if others[5:] else ""))
            yield Remark(f"The results have regions that are not in this worker's share: {named}.")

    def outcomes(
        self, regions: Sequence[Region], log: LogParser, report: RunFile | None, *, ended: str = ""
    ) -> Iterator[Outcome]:
        """Yield the outcome of each region; a region that is not in the results has failed.

        `ended` describes the end of the program, if that may be the reason.
        """
        for region in regions:
            seconds = log.seconds.get(region.name, 0)
            match self._entries.get(region.name, []):
                case []:
                    yield Failed(region, self._why(region.name, log, ended), seconds)
                case [Damaged() as entry]:
                    yield Failed(region, self._reason(f"its result cannot be used: {entry.reason}"), seconds)
                case [entry]:
                    try:
                        yield Succeeded(region, self._findings(entry), report, None, seconds)
                    except ValidationError as error:
                        wrong = "; ".join(f"{name} {what}" for name, what in faults(error))
                        yield Failed(region, self._reason(f"its result cannot be used: {wrong}"), seconds)
                case entries:
                    twice = f"its result cannot be used: the program wrote {len(entries)} of them"
                    yield Failed(region, twice, seconds)

    def _findings(self, entry: Mapping[str, Any]) -> Findings:
        return Findings.model_validate(
            {
                "change_count": _number(entry.get(self._names.change_count)),
                "period": self._period or None,
                "area_ha": _hectares(entry.get(self._names.area_square_metres)),
            }
        )

    def _why(self, region: str, log: LogParser, ended: str) -> str:
        return self._reason(self._written(region) or log.reasons.get(region) or (ended or _NO_REASON))

    def _written(self, region: str) -> str | None:
        """Return the error in the results that names a region, or None."""
        named = re.compile(rf"(?<![\w-]){re.escape(region)}(?![\w-])")
        return next((error for error in self._errors if named.search(error)), None)

    def _reason(self, text: str) -> str:
        # Truncate after redaction, which does not recognise a part of a secret.
        return self._cleaned(clean(text[:_MOST_CLEANED_CHARACTERS]))[:REASON_CHARACTERS]


def _number(value: Any) -> Any:
    """Return a number, also one that is written as text; a boolean, in Python a number, becomes a text."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        with suppress(ValueError):
            number = float(value)
            return int(number) if number.is_integer() else number
    return value


def _hectares(square_metres: Any) -> Any:
    """Return an area in hectares, or the value itself if it is not a finite number."""
    area = _number(square_metres)
    if not isinstance(area, int | float) or not math.isfinite(area):
        return area
    return round(area / _SQUARE_METRES_PER_HECTARE, 2)


def _unreadable(path: Path, what: str) -> WorkerError:
    return WorkerError(
        ErrorName.PROGRAM_FAILED,
        f"The program's results file {shown(path.name)} {what}: see its log, and command.results in the stack file.",
    )
