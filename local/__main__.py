"""The commands behind `ccapi local`, `make run`, `make stop` and `make policy`.

Usage: `python -m local run|up|resume|stop|policy`, with the options of `make`'s ARGS; `python -m local authorization`
lists the grants of a kept stack.
"""

import os
import sys
from collections.abc import Callable, Mapping, Sequence

from local.interruption import interruptible

_COMMANDS = "write `make run`, `make stop` or `make policy`"


def main(arguments: Sequence[str]) -> int:
    """Run the command that was named, and return its exit code."""
    match arguments:
        case ["run" | "up" | "policy" as name, *rest]:
            title, consequence, command = _WITH_OPTIONS[name]
            return interruptible(title, consequence, lambda: command(rest))
        case ["resume" | "stop" | "authorization" as name]:
            return interruptible(*_ALONE[name])
        case ["stop", *rest]:
            print(f"make stop: {' '.join(rest)} cannot be used; write `make stop` alone.", file=sys.stderr)
        case [command, *_]:
            print(f"{command} is not a command; {_COMMANDS}.", file=sys.stderr)
        case _:
            print(f"A command is missing; {_COMMANDS}.", file=sys.stderr)
    return 1


def _run(arguments: Sequence[str]) -> int:
    # Child processes inherit it: only this user can read the files below .local and build.
    os.umask(0o077)
    from local.run.command import run  # noqa: PLC0415

    return run(arguments)


def _up(arguments: Sequence[str]) -> int:
    # As for a run.
    os.umask(0o077)
    from local.run.command import up  # noqa: PLC0415

    return up(arguments)


def _resume() -> int:
    os.umask(0o077)
    from local.run.command import resume  # noqa: PLC0415

    return resume()


def _stop() -> int:
    from local.run.command import stop  # noqa: PLC0415

    return stop()


def _authorization() -> int:
    from local.run.authorization import authorization  # noqa: PLC0415

    return authorization()


def _policy(arguments: Sequence[str]) -> int:
    from local.policy.command import policy  # noqa: PLC0415

    return policy(arguments)


_STOPPED, _UNCHANGED = "everything that was started is stopped", "nothing was changed"
_WITH_OPTIONS: Mapping[str, tuple[str, str, Callable[[Sequence[str]], int]]] = {
    "run": ("make run", _STOPPED, _run),
    "up": ("ccapi local up", _STOPPED, _up),
    "policy": ("make policy", _UNCHANGED, _policy),
}
"""The title of a command that has options, what Ctrl-C leaves, and the function."""
_ALONE: Mapping[str, tuple[str, str, Callable[[], int]]] = {
    "resume": ("ccapi local resume", "what runs already goes on", _resume),
    "stop": ("make stop", "run it again to stop the remaining processes", _stop),
    "authorization": ("python -m local authorization", _UNCHANGED, _authorization),
}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
