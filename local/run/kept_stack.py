"""The stack that `make run ARGS=--keep` leaves running, recorded so that the command that stops it can name it."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from local.aws import export_command, write_private
from local.channels.client import received_command
from local.paths import CREDENTIALS, KEPT
from local.run.aws import DEVELOPER


@dataclass(frozen=True)
class KeptStack:
    """The run that made a kept stack, and the addresses of its local AWS and its local channels."""

    run_id: str | None
    endpoint: str
    channels: str

    def __str__(self) -> str:
        """Return the stack as a sentence names it."""
        return f"the kept stack of {f'run {self.run_id}' if self.run_id else 'a run'} ({self.endpoint})"

    def write(self) -> None:
        """Record the stack."""
        write_private(KEPT, json.dumps(asdict(self)))

    def commands(self) -> Iterator[tuple[str, str]]:
        """Yield the commands that use the stack, each with its purpose; the last one has to be typed first."""
        yield "Stop it:", "make stop"
        yield "Print what Slack and PagerDuty got:", received_command(self.channels, CREDENTIALS)
        yield "Before a command from a message, type:", export_command(DEVELOPER)


def take_kept_stack() -> KeptStack | None:
    """Return the recorded stack, if there is one, and delete the record."""
    try:
        recorded = json.loads(KEPT.read_text(encoding="utf-8"))
        return KeptStack(**recorded)
    except (OSError, ValueError, TypeError):
        return None
    finally:
        KEPT.unlink(missing_ok=True)
