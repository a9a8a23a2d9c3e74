"""The log streams of a run's workers, read from CloudWatch Logs."""

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from cli.runs.history import Attempt
from cli.runs.log_lines import LogLine, merged
from cli.stack import Stack

_READERS = 4
_PREFIX = "worker/monitor"
"""The awslogs driver names a stream `PREFIX/CONTAINER/TASK`."""
_MOST_EVENTS = 10_000


@dataclass
class LogStream:
    """The log stream of one task, and the place up to which it was read."""

    name: str
    worker: str
    token: str = ""

    @classmethod
    def of(cls, attempt: Attempt) -> "LogStream":
        """Return the log stream of an attempt that has a task."""
        again = f", attempt {attempt.number + 1}" if attempt.number else ""
        return cls(f"{_PREFIX}/{attempt.task_id}", f"{attempt.worker}{again}")


class LogReader:
    """The reader of log streams."""

    def __init__(self, stack: Stack) -> None:
        self._logs = stack.client("logs")
        self._group = stack["worker_log_group"]

    def lines(self, streams: Iterable[LogStream], since_milliseconds: int | None = None) -> Iterator[LogLine]:
        """Yield the lines of streams in order of time, from where each was read last."""
        with ThreadPoolExecutor(_READERS) as pool:
            read = list(pool.map(lambda stream: list(self._all(stream, since_milliseconds)), list(streams)))
        return merged(read)

    def last(self, streams: Iterable[LogStream], number: int) -> list[LogLine]:
        """Return the last lines of all streams together, without reading the ones before."""
        with ThreadPoolExecutor(_READERS) as pool:
            read = list(pool.map(lambda stream: self._end(stream, number), list(streams)))
        return list(merged(read))[-number:]

    def _all(self, stream: LogStream, since_milliseconds: int | None) -> Iterator[LogLine]:
        start = {} if since_milliseconds is None else {"startTime": since_milliseconds}
        while True:
            token = {"nextToken": stream.token} if stream.token else {}
            answer = self._page(stream, startFromHead=True, limit=_MOST_EVENTS, **start, **token)
            yield from (LogLine.of(event, stream.worker) for event in answer.get("events", ()))
            following = answer.get("nextForwardToken", "")
            # CloudWatch Logs returns the token of the request at the end of a stream.
            is_end = not following or following == stream.token
            stream.token = following or stream.token
            if is_end:
                return

    def _end(self, stream: LogStream, number: int) -> list[LogLine]:
        answer = self._page(stream, startFromHead=False, limit=min(number, _MOST_EVENTS))
        stream.token = answer.get("nextForwardToken", "")
        return [LogLine.of(event, stream.worker) for event in answer.get("events", ())]

    def _page(self, stream: LogStream, **request: Any) -> Mapping[str, Any]:
        """Return a page of a stream; a task that has written nothing has none."""
        try:
            answer: Mapping[str, Any] = self._logs.get_log_events(
                logGroupName=self._group, logStreamName=stream.name, **request
            )
        except self._logs.exceptions.ResourceNotFoundException:
            return {}
        return answer
