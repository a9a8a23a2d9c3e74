"""The stack that `make run ARGS=--keep` leaves running, recorded so that the command that stops it can name it."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from local.aws import TIMEOUT_SECONDS, export_command, write_private
from local.channels.client import received_command
from local.paths import CREDENTIALS, KEPT
from local.run.aws import DEVELOPER


@dataclass(frozen=True)
class KeptStack:
    """The run that made a kept stack, and the addresses of its local AWS and its local channels."""

    run_id: str | None
    endpoint: str
    channels: str
    regions: tuple[str, ...] = ()
    """The monitored regions; empty for another project."""

    def __str__(self) -> str:
        """Return a phrase that names the stack, for a sentence."""
        return f"the kept stack{f' of run {self.run_id}' if self.run_id else ''} ({self.endpoint})"

    def answers(self) -> bool:
        """Return true if the stack's local AWS is running."""
        try:
            # Any answer counts; without an access key it is a refusal.
            urlopen(Request(self.endpoint), timeout=TIMEOUT_SECONDS).close()  # noqa: S310 - on this machine
        except HTTPError:
            return True
        except OSError:
            return False
        return True

    def write(self) -> None:
        """Record the stack."""
        write_private(KEPT, json.dumps(asdict(self)))

    def commands(self) -> Iterator[tuple[str, str]]:
        """Yield the commands that use the stack, each with its purpose; the last one exports the access key for
        others."""
        yield "Stop it:", "make stop"
        yield "Print what Slack and PagerDuty got:", received_command(self.channels, CREDENTIALS)
        yield "Before a command from a message, type:", export_command(DEVELOPER)


def read_kept_stack() -> KeptStack | None:
    """Return the recorded stack, if there is one; its processes may have ended since."""
    try:
        recorded = json.loads(KEPT.read_text(encoding="utf-8"))
        return KeptStack(**{**recorded, "regions": tuple(recorded.get("regions", ()))})
    except (OSError, ValueError, TypeError, AttributeError):
        return None


def take_kept_stack() -> KeptStack | None:
    """Return the recorded stack, if there is one, and delete the record."""
    kept = read_kept_stack()
    KEPT.unlink(missing_ok=True)
    return kept
