"""The run of a program, and the outcomes from the files that it left."""

import logging
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from worker.errors import ErrorName, WorkerError
from worker.logs import logger
from worker.memory import MemoryWatch
from worker.object_path import KeyRefusedError, check_key
from worker.regular_files import shown
from worker.settings import Settings
from worker.workloads import Job, Outcome, Remark, RunFile
from worker.workloads.command import cache
from worker.workloads.command.checks import problems
from worker.workloads.command.credentials import service_account
from worker.workloads.command.ending import Ending
from worker.workloads.command.files import Folder, run_files
from worker.workloads.command.hiding import Redact, redacted, unchanged
from worker.workloads.command.log_parser import LogParser
from worker.workloads.command.process import StalledError, started
from worker.workloads.command.results import Results
from worker.workloads.command.settings import Command
from worker.workloads.command.workdir import Workdir, copied_workdir

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

REPORT = "executive_summary.pdf"

_UNBUFFERED = ", or write command.terminal: true for a program that buffers its output"
_LEVEL = re.compile(r" - (DEBUG|INFO|WARNING|ERROR|CRITICAL) - ")


class CommandWorkload:
    """An existing program that analyses all its regions in one process.

    It supports `regions` and `regions_count` only if the program takes its regions by `{regions}`, and
    `enable_scraping: false` only if a variable is set for it; `validate` refuses other inputs. With `force_refresh` the
    program starts with an empty cache.
    """

    needs_internet: ClassVar[bool] = True

    def __init__(self, settings: Settings, command: Command, secrets: "SecretsManagerClient") -> None:
        self._settings = settings
        self._command = command
        self._secrets = secrets
        self.can_shard = self.can_resume = command.takes_regions
        self.can_skip_scraping = command.scraping_variable is not None
        self.checked: list[str] = []

    def problems(self) -> Iterator[WorkerError]:
        """Yield each problem that would prevent the program's work."""
        return problems(self._settings, self._command, self._secrets, self.checked)

    def outcomes(self, job: Job, progress: Callable[[], None]) -> Iterator[Outcome | RunFile | Remark]:
        """Run the program once; yield its files and the outcome of each region."""
        if not job.regions:
            return
        with copied_workdir(Path(self._command.directory)) as workdir:
            if not job.force_refresh:
                yield from _remarked(
                    "The program began without some of its cache",
                    lambda: cache.restore(workdir.cache, job.cache, progress),
                )
            before = cache.times(workdir.cache)
            folder = Folder(workdir.folder)
            log = LogParser(self._command)
            cleaned = self._credentials(workdir)
            memory = MemoryWatch()
            ending = Ending(self._run(workdir, job, log, cleaned, progress), memory)
            results = self._results(folder, job, log, cleaned, ending)
            if ending.is_bad:
                yield Remark(f"The program {ending} but its results count.")
            report = self._report(folder)
            yield report or Remark(f"The program made no report ({self._command.report_files}); see its log.")
            for name, why in self._unfit_reports(folder):
                yield Remark(f"Not published: {name}: {why}")
            yield from results.remarks(job.regions)
            yield from results.outcomes(job.regions, log, report, ended=ending.as_reason)
            # Last, so that an error in them fails no region.
            yield from self._other_files(folder, workdir)
            yield from _remarked(
                "The next run begins without some of the program's cache",
                lambda: cache.keep(workdir.cache, before, job.cache, progress),
            )

    def _credentials(self, workdir: Workdir) -> Redact:
        """Write the credentials to their file; return a function that removes them from a text."""
        if not self._command.earth_engine:
            return unchanged
        account = service_account(self._settings.gee_credentials_secret, self._secrets)
        workdir.write_credentials(account.text)
        return account.hidden_in

    def _run(
        self,
        workdir: Workdir,
        job: Job,
        log: LogParser,
        cleaned: Redact,
        progress: Callable[[], None],
    ) -> int:
        """Run the program to its end and return its exit code."""
        environment = workdir.environment(os.environ, self._settings, self._command)
        arguments = self._command.arguments(tuple(region.name for region in job.regions))
        job.begin(None)
        with started(arguments, workdir.folder, environment, terminal=self._command.terminal) as process:
            process.answer(self._command.confirmation)
            lines = process.lines(stall_seconds=self._command.stall_seconds, tick=progress)
            try:
                for line in redacted(lines, cleaned):
                    _log_line(line, log)
                    job.begin(log.region)
            except StalledError:
                raise self._stalled(log) from None
            return process.exit_code

    def _stalled(self, log: LogParser) -> WorkerError:
        at = f" at {log.region}" if log.region else ""
        return WorkerError(
            ErrorName.PROGRAM_STALLED,
            f"The program has written nothing for {self._command.stall_seconds:g} seconds{at} and was stopped; "
            f"if the silence is normal, raise command.stallSeconds{_UNBUFFERED if not self._command.terminal else ''}. "
            f"{log.last_lines}",
        )

    def _results(
        self,
        folder: Folder,
        job: Job,
        log: LogParser,
        cleaned: Redact,
        ending: Ending,
    ) -> Results:
        """Return the results of a program, even if it ended with an error.

        Raises:
            WorkerError: if there are no results, or if a signal ended the program before its results covered every
                region, since another attempt may get further. The error describes the end of the program.
        """
        made = folder.made(self._command.results.files)
        if not made:
            raise WorkerError(
                ending.error_name,
                f"The program {ending} and left no results ({self._command.results.files}). {log.last_lines}",
            )
        try:
            results = Results(made[-1], self._command.results, cleaned)
        except WorkerError as error:
            if not ending.is_bad:
                raise
            raise WorkerError(
                ending.error_name, f"The program {ending}. {error.cause} {log.last_lines}"
            ) from error
        if ending.by_signal and not results.cover(job.regions):
            raise WorkerError(ending.error_name, f"The program {ending}. {log.last_lines}")
        return results

    def _report(self, folder: Folder) -> RunFile | None:
        made = [path for path in folder.made(self._command.report_files) if path.lstat().st_size]
        if not made:
            return None
        # A program that takes its regions as an argument reports on those alone, under a name unique to this run.
        name = made[-1].name if self._command.takes_regions and _is_key(made[-1].name) else REPORT
        return RunFile(name, made[-1], "application/pdf")

    def _unfit_reports(self, folder: Folder) -> Iterator[tuple[str, str]]:
        """Yield the name of each report that cannot be published, with the reason."""
        pattern = self._command.report_files
        yield from folder.unfit(pattern)
        for path in folder.made(pattern):
            if not path.lstat().st_size:
                yield shown(path.name), "it is empty"

    def _other_files(self, folder: Folder, workdir: Workdir) -> Iterator[RunFile | Remark]:
        patterns = self._command.other_files
        for name, why in (unfit for pattern in patterns for unfit in folder.unfit(pattern)):
            yield Remark(f"Not published: {name}: {why}")
        found = dict.fromkeys(path for pattern in patterns for path in folder.made(pattern))
        yield from run_files(found, workdir.folder, narrow="command.otherFiles")


def _is_key(name: str) -> bool:
    try:
        check_key(name)
    except KeyRefusedError:
        return False
    return True


def _log_line(line: str, log: LogParser) -> None:
    if not line.strip():
        return
    level = _LEVEL.search(line)
    number = logging.getLevelNamesMapping()[level[1]] if level else logging.INFO
    logger.log(number, "%s", line, extra={"region": log.parse(line)})


def _remarked(consequence: str, work: Callable[[], list[str]]) -> Iterator[Remark]:
    """Do work that no region depends on; yield a remark with the consequence if some or all of it fails."""
    try:
        lost = work()
    except (WorkerError, OSError) as error:
        lost = [shown(str(error))]
    if lost:
        yield Remark(
            f"{consequence}: {lost[0]}{f' (and {len(lost) - 1} more, see the log)' if lost[1:] else ''}"
        )
