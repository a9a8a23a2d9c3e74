"""The one error that a command reports: a sentence, and what to do next."""

from cli.exit_codes import ExitCode


class OperatorError(Exception):
    """An error with a sentence for the operator and the next step; neither ends with a full stop."""

    def __init__(self, what: str, next_step: str, exit_code: ExitCode = ExitCode.FAILED) -> None:
        super().__init__(f"{what}; {next_step}")
        self.what = what
        self.next_step = next_step
        self.exit_code = exit_code


class MissingResourceError(OperatorError):
    """A resource of the stack does not exist, although its outputs name it."""

    def __init__(self, what: str, next_step: str) -> None:
        super().__init__(what, next_step, ExitCode.UNREACHABLE)
