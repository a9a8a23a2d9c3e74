"""A kept stack whose processes have ended, started again with its state."""

from contextlib import ExitStack

from local.emulator.state.store import has_state
from local.paths import AWS_STATE
from local.process_record import running_parts
from local.run import aws, channels
from local.run.errors import RunError
from local.run.kept_stack import KeptStack, read_kept_stack
from local.run.processes import running

_PARTS = {
    "channels": ("the local channels", channels.AGAIN),
    "emulator": ("the local AWS", aws.AGAIN),
    "agent": ("the agent", aws.AGENT),
}
"""The name and the arguments of each part, in the order in which they start."""


def start_command() -> str:
    """Return the command that starts the local stack: again with its state, or else anew."""
    return "ccapi local resume" if _resumable() else "ccapi local up"


def resume() -> tuple[KeptStack, list[str]]:
    """Start the parts of the kept stack that do not run, and return the stack with the names of these parts.

    Raises:
        RunError: if no stack is kept with its state, or a part does not start.
    """
    kept = _resumable()
    if kept is None:
        raise RunError("no stack is kept with its state in this checkout; type `ccapi local up` to begin one")
    alive = running_parts()
    started = []
    with ExitStack() as parts:
        for part, (name, arguments) in _PARTS.items():
            if part not in alive:
                parts.enter_context(running(part, arguments, keep=True, again=True))
                started.append(name)
    return kept, started


def _resumable() -> KeptStack | None:
    return read_kept_stack() if has_state(AWS_STATE) else None
