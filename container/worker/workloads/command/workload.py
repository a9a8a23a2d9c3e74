"""Runs the program, and tells what came of it by what it left."""

import logging
import mimetypes
import os
import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from worker.errors import ErrorName, WorkerError
from worker.logs import logger
from worker.settings import Settings
from worker.workloads import Job, Outcome, Remark, RunFile
from worker.workloads.command import cache
from worker.workloads.command.checks import problems
from worker.workloads.command.credentials import service_account
from worker.workloads.command.files import Folder
from worker.workloads.command.narration import Narration
from worker.workloads.command.place import Place, copied_place_of
from worker.workloads.command.process import StalledError, started
from worker.workloads.command.results import Results
from worker.workloads.command.settings import Command

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

REPORT = "executive_summary.pdf"
# Pictures of every region and more; a folder that a pattern takes in by mistake is larger.
MOST_OTHER_FILES = 1_000
MOST_OTHER_BYTES = 500 * 1024**2

# A shell tells of the program behind it with 128 and the number of the signal.
_KILLED = {-signal.SIGKILL, 128 + signal.SIGKILL}
_LEVEL = re.compile(r" - (DEBUG|INFO|WARNING|ERROR|CRITICAL) - ")


class CommandWorkload:
    """An existing program that does all its regions in one process.

    Of the inputs it can honour `regions` and `regions_count` only where the program is told its regions by `{regions}`,
    and `enable_scraping: false` only where a variable is named for it; what it cannot is refused by `validate`.
    `force_refresh` lets the program begin with an empty cache.
    """

    needs_internet: ClassVar[bool] = True

    def __init__(self, settings: Settings, command: Command, secrets: "SecretsManagerClient") -> None:
        self._settings = settings
        self._command = command
        self._secrets = secrets
        self.can_shard = self.can_resume = command.takes_regions
        self.can_skip_scraping = command.scraping_variable is not None

    def problems(self) -> Iterator[WorkerError]:
        """Yield what would keep the program from its work."""
        return problems(self._settings, self._command, self._secrets)

    def outcomes(self, job: Job, progress: Callable[[], None]) -> Iterator[Outcome | RunFile | Remark]:
        """Run the program once, and yield what it made and what became of each region."""
        if not job.regions:
            return
        with copied_place_of(Path(self._command.directory)) as place:
            if not job.force_refresh:
                yield from _remarked(
                    "The program began without some of its cache",
                    lambda: cache.restore(place.cache, job.cache, progress),
                )
            before = cache.times(place.cache)
            folder = Folder(place.folder)
            narration = Narration(self._command)
            cleaned = self._credentials(place)
            exit_code = self._run(place, job, narration, cleaned, progress)
            results = Results(
                self._results_file(folder, narration, exit_code), self._command.results, cleaned
            )
            report = self._report(folder)
            yield report or Remark(
                f"The program made no report ({self._command.report_files}); its log tells why."
            )
            yield from results.outcomes(job.regions, narration, report)
            # Last, so that nothing that goes wrong with them costs a region.
            yield from self._other_files(folder, place)
            yield from _remarked(
                "The next run begins without some of the program's cache",
                lambda: cache.keep(place.cache, before, job.cache, progress),
            )

    def _credentials(self, place: Place) -> Callable[[str], str]:
        """Put the credentials in their place; return what takes them out of a text."""
        if not self._command.earth_engine:
            return str
        account = service_account(self._settings.gee_credentials_secret, self._secrets)
        place.write_credentials(account.text)
        return account.hidden_in

    def _run(
        self,
        place: Place,
        job: Job,
        narration: Narration,
        cleaned: Callable[[str], str],
        progress: Callable[[], None],
    ) -> int:
        """Run the program to its end and return its exit code."""
        environment = place.environment(os.environ, self._settings, self._command)
        arguments = self._command.arguments(tuple(region.name for region in job.regions))
        job.begin(None)
        with started(arguments, place.folder, environment) as process:
            process.answer(self._command.confirmation)
            try:
                for line in process.lines(stall_seconds=self._command.stall_seconds, tick=progress):
                    _hear(cleaned(line), narration)
                    job.begin(narration.region)
            except StalledError:
                raise self._stalled(narration) from None
            return process.exit_code

    def _stalled(self, narration: Narration) -> WorkerError:
        at = f" at {narration.region}" if narration.region else ""
        return WorkerError(
            ErrorName.PROGRAM_STALLED,
            f"The program has said nothing for {self._command.stall_seconds:g} seconds{at} and was stopped; "
            f"where that is no fault, raise command.stallSeconds. {narration.last_lines}",
        )

    def _results_file(self, folder: Folder, narration: Narration, exit_code: int) -> Path:
        """Return the results of a program that got to its end."""
        if exit_code in _KILLED:
            cause = f"The program was killed (SIGKILL), as a kernel does when memory is short. {narration.last_lines}"
            raise WorkerError(ErrorName.OUT_OF_MEMORY, cause)
        made = folder.made(self._command.results.files)
        if exit_code != 0 or not made:
            ended = (
                f"was ended by {_signal_name(-exit_code)}"
                if exit_code < 0
                else f"ended with exit code {exit_code}"
            )
            left = "" if made else f" and left no results ({self._command.results.files})"
            cause = f"The program {ended}{left}. {narration.last_lines}"
            raise WorkerError(ErrorName.PROGRAM_FAILED, cause)
        return made[-1]

    def _report(self, folder: Folder) -> RunFile | None:
        made = folder.made(self._command.report_files)
        if not made:
            return None
        # One that is told its regions reports on those alone, and keeps the name that no other run of it has.
        name = made[-1].name if self._command.takes_regions else REPORT
        return RunFile(name, made[-1], "application/pdf")

    def _other_files(self, folder: Folder, place: Place) -> Iterator[RunFile | Remark]:
        found = [path for pattern in self._command.other_files for path in folder.made(pattern)]
        size = sum(path.stat().st_size for path in found)
        if len(found) > MOST_OTHER_FILES or size > MOST_OTHER_BYTES:
            yield Remark(
                f"{len(found)} other files of {size // 1024**2} MiB are not kept: at most {MOST_OTHER_FILES} of "
                f"{MOST_OTHER_BYTES // 1024**2} MiB are; narrow command.otherFiles."
            )
            return
        for path in found:
            content_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            yield RunFile(path.relative_to(place.folder).as_posix(), path, content_type)


def _hear(line: str, narration: Narration) -> None:
    if not line.strip():
        return
    level = _LEVEL.search(line)
    number = logging.getLevelNamesMapping()[level[1]] if level else logging.INFO
    logger.log(number, "%s", line, extra={"region": narration.hear(line)})


def _remarked(consequence: str, work: Callable[[], None]) -> Iterator[Remark]:
    """Do what no region depends on; yield what comes of it when it fails."""
    try:
        work()
    except (WorkerError, OSError) as error:
        yield Remark(f"{consequence}: {error}")


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
