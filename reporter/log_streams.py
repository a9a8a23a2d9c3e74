"""The log streams of the workers that failed: of the outcome's own field, and of the causes that name one."""

import re

from reporter.outcome import Outcome

# Workers, and the watch machine for those that cannot, end a cause like this. A cause may be truncated in between, and
# a link with a part of an id leads to no log. An id is 32 digits or a UUID.
# Source: Amazon ECS Developer Guide, "Amazon Resource Names (ARNs) and IDs".
_ID = r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_NAMED = re.compile(rf"\bLog stream: ([\w./-]+/(?:{_ID}))(?![\w-])", re.ASCII)
_WHOLE_OR_CUT = re.compile(r" ?\bLog stream: [\w./-]*", re.ASCII)


def log_streams(outcome: Outcome) -> tuple[str, ...]:
    """Return the log streams of the workers that failed, each once."""
    texts = [outcome.cause, *(str(failure.get("error", "")) for failure in outcome.failures)]
    named = [stream for text in texts for stream in _NAMED.findall(text)]
    return tuple(dict.fromkeys([*([outcome.log_stream] if outcome.log_stream else []), *named]))


def without_log_stream(text: str) -> str:
    """Return a reason without its log stream, so that the same reason of two workers is one."""
    return _WHOLE_OR_CUT.sub("", text).strip()
