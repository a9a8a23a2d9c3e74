"""The exit codes of `ccapi`."""

from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes of every command."""

    OK = 0
    """The command did what it was asked to do, and what it looked at is in order."""
    FAILED = 1
    """A run failed, a check found a fault, or AWS refused a call."""
    WRONG_COMMAND_LINE = 2
    """An option, an argument or the named run, region or stack does not exist."""
    PARTIAL = 3
    """A run that was followed monitored only some of its regions."""
    UNREACHABLE = 4
    """The stack cannot be used: not deployed, no valid credentials, another account, or no network."""
    INTERRUPTED = 130
    """Ctrl-C; what AWS had been asked to do goes on."""
