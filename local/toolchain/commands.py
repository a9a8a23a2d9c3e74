"""The execution of set-up tools: with their output in a log, and passed on line by line for progress."""

import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from local.interruption import held_back
from local.toolchain.failures import CommandFailedError


def run(
    command: Sequence[str | Path],
    *,
    log: Path,
    on_line: Callable[[str], None] = lambda _line: None,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> None:
    """Run a tool to its end with its output in `log`; raise CommandFailedError if it fails.

    An exception in this process, Ctrl-C included, stops the tool.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    lines = []
    with (
        log.open("w", encoding="utf-8") as log_file,
        held_back() as let_interruptions_through,
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=folder,
            text=True,
            errors="replace",
        ) as process,
    ):
        try:
            let_interruptions_through()
            for line in process.stdout or ():
                log_file.write(line)
                lines.append(line)
                on_line(line.rstrip("\n"))
        except BaseException:
            process.terminate()
            raise
    if process.returncode:
        raise CommandFailedError(process.returncode, "".join(lines))


def answers(command: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> str | None:
    """Return the output of a quick command, or None if it cannot be started, fails or hangs."""
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=30,
            check=False,
            env=environment,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
