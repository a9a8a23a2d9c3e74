"""Starts a program once for each region: exit code 0 is success, and its last line is the reason of a failure."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

from worker.catalog import Region
from worker.errors import ErrorName, WorkerError
from worker.logs import logger
from worker.memory import MemoryWatch
from worker.results import Findings
from worker.settings import Settings
from worker.workloads import Failed, Job, Outcome, Remark, RunFile, Succeeded
from worker.workloads.command.ending import Ending
from worker.workloads.command.files import Folder, run_files
from worker.workloads.command.hiding import Hiding, redacted
from worker.workloads.command.log_parser import shortened
from worker.workloads.command.process import StalledError, started
from worker.workloads.command.workdir import own_environment, scratch_folder
from worker.workloads.each.settings import Each

_REBUILD = "build the image from a base image that has it, or correct each.directory and each.program"


class EachWorkload:
    """A program that works on one region and knows nothing of the others.

    It reads the region's name from its arguments or from `ITEM`. The files that it writes into the folder `OUTPUT_DIR`
    are published as the region's own; the first by name is its report.
    """

    can_shard: ClassVar[bool] = True
    can_resume: ClassVar[bool] = True
    can_skip_scraping: ClassVar[bool] = True
    needs_internet: ClassVar[bool] = False

    def __init__(self, settings: Settings, each: Each) -> None:
        self._settings = settings
        self._each = each
        self._directory = Path(each.directory).absolute()
        self._secrets = each.secret_values(os.environ)
        self._hide = Hiding(self._secrets.values())
        self.checked: list[str] = []

    def problems(self) -> Iterator[WorkerError]:
        """Yield each problem that would make the program fail for every region."""
        self.checked.append(f"the program in {self._directory}: {' '.join(self._each.program)}")
        if not self._directory.is_dir():
            yield _wrong(f"its folder {self._directory} is not in the image: {_REBUILD}")
            return
        executable, *arguments = self._each.program
        path = str(self._directory / executable) if "/" in executable else executable
        if shutil.which(path, path=own_environment(os.environ).get("PATH")) is None:
            yield _wrong(f"{executable} is not in the image, or is not executable: {_REBUILD}")
        for argument in arguments:
            if argument.endswith(".py") and not os.access(self._directory / argument, os.R_OK):
                yield _wrong(
                    f"{self._directory / argument} is not in the image, or is not readable: {_REBUILD}"
                )

    def outcomes(self, job: Job, progress: Callable[[], None]) -> Iterator[Outcome | RunFile | Remark]:
        """Start the program for one region after the other, and yield its files and the region's outcome."""
        for region in job.regions:
            with scratch_folder() as scratch:
                output, began = scratch / "output", time.monotonic()
                output.mkdir()
                folder = Folder(output)
                if failure := self._failure(region, job, output, progress):
                    yield Failed(region, failure, _seconds_since(began))
                    continue
                seconds = _seconds_since(began)
                found = sorted(folder.made("**/*"))
                files = [*run_files(found, output, narrow="what it writes to OUTPUT_DIR", region=region.name)]
                yield from files
                yield from (
                    Remark(f"Not published: {region.name}/{name}: {why}")
                    for name, why in folder.unfit("**/*")
                )
                report = next((file for file in files if isinstance(file, RunFile)), None)
                yield Succeeded(region, Findings(change_count=0, area_ha=0), report, None, seconds)

    def _failure(self, region: Region, job: Job, output: Path, progress: Callable[[], None]) -> str | None:
        """Run the program for a region; return the reason if it failed.

        Raises:
            WorkerError: if the program was killed for lack of memory, since another attempt has more, or if it cannot
                be started.
        """
        memory, last = MemoryWatch(), ""
        arguments = self._each.arguments(region.name)
        with started(arguments, self._directory, self._environment(region, job, output)) as process:
            process.answer("")
            lines = process.lines(stall_seconds=self._each.stall_seconds, tick=progress)
            try:
                for line in redacted(lines, self._hide):
                    if line.strip():
                        logger.info("%s", line, extra={"region": region.name})
                        last = shortened(line.strip())
            except StalledError:
                silence = f"It wrote nothing for {self._each.stall_seconds:g} seconds and was stopped"
                return f"{silence}. Its last line: {last}" if last else f"{silence}."
            ending = Ending(process.exit_code, memory)
        if not ending.is_bad:
            return None
        if ending.error_name is ErrorName.OUT_OF_MEMORY:
            raise WorkerError(ending.error_name, f"The program {ending} at {region.name}.")
        if ending.by_signal:
            return f"The program {ending}.{f' Its last line: {last}' if last else ''}"
        return last or f"The program {ending} and wrote nothing."

    def _environment(self, region: Region, job: Job, output: Path) -> dict[str, str]:
        return {
            **own_environment(os.environ, uses_aws=self._each.uses_aws),
            "ENABLE_SCRAPING": str(job.enable_scraping).lower(),
            "FORCE_REFRESH": str(job.force_refresh).lower(),
            "ITEM": region.name,
            "LOG_LEVEL": self._settings.log_level,
            "OUTPUT_DIR": str(output),
            # Lines arrive as the program writes them, in one encoding.
            "PYTHONIOENCODING": "utf-8",
            "PYTHONUNBUFFERED": "1",
            "RUN_ID": job.run_id,
            **self._each.environment,
            **self._secrets,
        }


def _seconds_since(began: float) -> float:
    return round(time.monotonic() - began, 3)


def _wrong(what: str) -> WorkerError:
    return WorkerError(ErrorName.INVALID_INPUT, f"The program cannot run: {what}.")
