"""Sessions of processes below `init.py`, each for a container or a function."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, cast

import psutil

from local.agent import init
from local.agent.host import Host
from local.agent.reaper import kill_session, kill_tree


class NotStartedError(Exception):
    """A program cannot be started; the message is the reason."""


def start_session(
    host: Host, arguments: Sequence[str], *, folder: Path, environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """Start a program as the child of `init.py`, with its output in a pipe.

    Raises:
        NotStartedError: when the program cannot be started.
    """
    reads, writes = os.pipe()
    with os.fdopen(reads, "rb") as error_pipe:
        try:
            process = host.reaper.start(
                lambda: subprocess.Popen(
                    [sys.executable, "-I", init.__file__, str(writes), *arguments],
                    cwd=folder,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    pass_fds=(writes,),
                )
            )
        except (OSError, ValueError) as error:
            raise NotStartedError(str(error)) from error
        finally:
            os.close(writes)
        if error_text := error_pipe.read().decode(errors="replace"):
            process.wait()
            host.reaper.forget(process.pid)
            cast("IO[bytes]", process.stdout).close()
            raise NotStartedError(error_text)
    return process


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a session's processes at once."""
    if process.poll() is None:
        with suppress(psutil.NoSuchProcess):
            kill_tree(psutil.Process(process.pid))
    kill_session(process.pid)
