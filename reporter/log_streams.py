"""The log streams of the workers that failed: of the outcome's own field, and of the causes that name one."""

import re

from reporter.outcome import Outcome

# The watch machine ends the cause of a worker that stopped like this.
_NAMED = re.compile(r" ?\bLog stream: ([\w./-]+)", re.ASCII)


def log_streams(outcome: Outcome) -> tuple[str, ...]:
    """Return the log streams of the workers that failed, each once."""
    texts = [outcome.cause, *(str(failure.get("error", "")) for failure in outcome.failures)]
    named = [stream for text in texts for stream in _NAMED.findall(text)]
    return tuple(dict.fromkeys([*([outcome.log_stream] if outcome.log_stream else []), *named]))


def without_log_stream(text: str) -> str:
    """Return a reason without its log stream, so that the same reason of two workers is one."""
    return _NAMED.sub("", text).strip()
