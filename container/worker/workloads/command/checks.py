"""The checks of a program before a run: it exists, it has a configuration, and Earth Engine accepts its key."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from worker.errors import ErrorName, WorkerError
from worker.logs import logger
from worker.settings import Settings
from worker.workloads.command.credentials import service_account
from worker.workloads.command.log_parser import REASON_CHARACTERS
from worker.workloads.command.settings import Command
from worker.workloads.command.workdir import Workdir, copy_obstacle, workdir_of

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

# With Secrets Manager and the plan's write all of `validate` stays below 30 s.
CONFIG_SECONDS = 5.0
EARTH_ENGINE_SECONDS = 12.0

# These scripts run with the Python and the packages of the program. Exit code 75 means that a package is missing.
_LOAD_CONFIG = """
import importlib.util, sys
if importlib.util.find_spec("yaml") is None:
    sys.exit(75)
import yaml
with open(sys.argv[1], encoding="utf-8") as file:
    content = yaml.safe_load(file)
if not content:
    raise ValueError("it is empty")
"""
# Source: https://developers.google.com/earth-engine/guides/service_account
_INITIALIZE = """
import importlib.util, json, os, sys
if importlib.util.find_spec("ee") is None:
    sys.exit(75)
import ee
key = os.environ["GOOGLE_APPLICATION_CREDENTIALS"]
with open(key, encoding="utf-8") as file:
    email = json.load(file)["client_email"]
ee.Initialize(ee.ServiceAccountCredentials(email, key), project=os.environ["EARTHENGINE_PROJECT"])
"""
_NO_PACKAGE = 75
_COPYABLE = "build the image with fewer files, readable by every user, or give the task more storage"
_REBUILD = "build the image from a base image that has it, or correct command.directory and command.program"


def problems(
    settings: Settings, command: Command, secrets: "SecretsManagerClient", checked: list[str]
) -> Iterator[WorkerError]:
    """Yield an error with its remedy for each problem of the program; add each check to `checked`."""
    folder = Path(command.directory).absolute()
    if not folder.is_dir():
        yield _wrong(f"its folder {folder} is not in the image: {_REBUILD}")
    else:
        with workdir_of(folder) as workdir:
            yield from _Checks(settings, command, workdir, checked).problems(secrets)


class _Checks:
    def __init__(self, settings: Settings, command: Command, workdir: Workdir, checked: list[str]) -> None:
        self._checked = checked
        self._settings = settings
        self._command = command
        self._workdir = workdir
        self._environment = workdir.environment(os.environ, settings, command)

    def problems(self, secrets: "SecretsManagerClient") -> Iterator[WorkerError]:
        self._checked.append(f"the program in {self._workdir.folder}: {' '.join(self._command.program)}")
        yield from self._missing_files()
        if lack := copy_obstacle(self._workdir.folder):
            yield _wrong(
                f"its folder {self._workdir.folder} cannot be copied, as a run does ({lack}): {_COPYABLE}"
            )
        yield from self._config()
        if self._command.earth_engine:
            yield from self._earth_engine(secrets)

    def _missing_files(self) -> Iterator[WorkerError]:
        executable, *arguments = self._command.program
        if self._found(executable) is None:
            yield _wrong(f"{executable} is not in the image, or cannot be run: {_REBUILD}")
        for argument in arguments:
            file = self._workdir.folder / argument
            if file.suffix == ".py" and not os.access(file, os.R_OK):
                yield _wrong(f"{file} does not exist, or cannot be read: {_REBUILD}")

    def _config(self) -> Iterator[WorkerError]:
        file = self._workdir.folder / self._command.config_file
        self._checked.append(f"its config file {file}")
        try:
            empty = not file.read_bytes().strip()
        except OSError as error:
            why = f"cannot be read ({error.strerror})"
            yield _wrong(f"its config file {file} {why}: correct command.configFile, or the image")
            return
        if empty:
            yield _wrong(f"its config file {file} is empty: build the image with one")
        elif file.suffix in {".yaml", ".yml"}:
            reason = self._tried(
                "reading the config file as YAML", _LOAD_CONFIG, str(file), seconds=CONFIG_SECONDS
            )
            if reason:
                yield _wrong(f"its config file {file} does not load ({reason}): correct it")

    def _earth_engine(self, secrets: "SecretsManagerClient") -> Iterator[WorkerError]:
        project = self._settings.gee_project_id
        self._checked.append(f"the service account in the secret {self._settings.gee_credentials_secret}")
        if not project:
            yield _wrong("no Earth Engine project is set: write worker.earthEngineProject in the stack file")
        try:
            account = service_account(self._settings.gee_credentials_secret, secrets)
        except WorkerError as problem:
            yield problem
            return
        if not project:
            return
        self._workdir.write_credentials(account.text)
        reason = self._tried(
            "the login to Earth Engine", _INITIALIZE, seconds=EARTH_ENGINE_SECONDS, cleaned=account.hidden_in
        )
        if reason:
            yield WorkerError(
                ErrorName.CREDENTIALS_INVALID,
                f"Earth Engine refuses the service account ({reason}): register it for the project "
                f"{project}, and check that the network reaches Google.",
            )

    def _tried(
        self, what: str, script: str, *arguments: str, seconds: float, cleaned: Callable[[str], str] = str
    ) -> str:
        """Run a script as the program would run; return the reason why it failed, or an empty text."""
        python = self._python()
        if python is None:
            return self._left_out(f"not checked, since the image has no Python on its PATH: {what}")
        self._checked.append(what)
        try:
            done = subprocess.run(
                [python, "-c", script, *arguments],
                cwd=self._workdir.folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"no answer within {seconds:g} s"
        if done.returncode == _NO_PACKAGE:
            self._checked.remove(what)
            return self._left_out(f"not checked, since the image has no package for it: {what}")
        if done.returncode == 0:
            return ""
        # The last paragraph of a traceback is the error itself, whose further lines may be indented.
        said = re.split(r"\n(?=\S)", done.stderr.strip())[-1] or f"exit code {done.returncode}"
        # Truncate after redaction, which does not recognise a part of a secret.
        return cleaned(" ".join(said.split()))[:REASON_CHARACTERS]

    def _left_out(self, what: str) -> str:
        logger.info("%s", what)
        self._checked.append(what)
        return ""

    def _python(self) -> str | None:
        """Return the Python of the program; for a program in another language, the Python of the image."""
        found = self._found(self._command.program[0])
        if found and Path(found).name.startswith("python"):
            return found
        return self._found("python") or self._found("python3")

    def _found(self, executable: str) -> str | None:
        path = self._workdir.folder / executable if "/" in executable else executable
        return shutil.which(path, path=self._environment.get("PATH"))


def _wrong(what: str) -> WorkerError:
    return WorkerError(ErrorName.INVALID_INPUT, f"The program cannot run: {what}.")
