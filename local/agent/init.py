"""The init process of a container: it starts the command, forwards signals, and kills what remains at its end.

Usage: `init.py ERROR_FD COMMAND…`. On Linux it is a subreaper (prctl(2), PR_SET_CHILD_SUBREAPER), as the init of a
container is: a process that forks twice and starts its own session stays its descendant, and is killed with it.
If the command cannot be started, the reason is written to ERROR_FD, which is closed once the command runs.
"""

import ctypes
import os
import signal
import sys

_PR_SET_CHILD_SUBREAPER = 36
_PASSED_ON = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)
# Python ignores these signals; the command must not inherit that.
_IGNORED_BY_PYTHON = (signal.SIGPIPE, signal.SIGXFSZ)
_SIGNAL_EXIT_BASE = 128


def main(error_fd: int, command: list[str]) -> int:
    """Run the command to its end, kill its descendants, and return its exit code as a shell reports it."""
    os.set_inheritable(error_fd, False)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.pthread_sigmask(signal.SIG_BLOCK, _PASSED_ON)
    try:
        first = os.posix_spawnp(
            command[0], command, os.environ, setsigmask=(), setsigdef=[*_PASSED_ON, *_IGNORED_BY_PYTHON]
        )
    except (OSError, ValueError, IndexError) as error:
        os.write(error_fd, str(error).encode())
        return _SIGNAL_EXIT_BASE - 1
    for number in _PASSED_ON:
        signal.signal(number, lambda passed_on, _frame: os.kill(first, passed_on))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _PASSED_ON)
    os.close(error_fd)
    while True:
        pid, status = os.wait()
        if pid == first:
            break
    for number in _PASSED_ON:
        signal.signal(number, signal.SIG_IGN)
    _end_descendants()
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else _SIGNAL_EXIT_BASE - code


def _end_descendants() -> None:
    # Imported late, since most containers never need it and it delays the start.
    import psutil  # noqa: PLC0415

    while descendants := psutil.Process().children(recursive=True):
        for process in descendants:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        try:
            os.wait()
        except ChildProcessError:
            return


if __name__ == "__main__":
    os._exit(main(int(sys.argv[1]), sys.argv[2:]))
