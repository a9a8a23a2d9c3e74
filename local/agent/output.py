"""Passes a container's output on, to CloudWatch Logs and to a file."""

import os
import select
import sys
import time
from pathlib import Path
from typing import IO

from botocore.exceptions import BotoCoreError, ClientError

from local.agent.log_stream import LogStream

_FLUSH_INTERVAL_SECONDS = 1.0
_READ_BYTES = 65_536
_LAST_SENDS = 3


class Output:
    """What a container writes to its pipe, and where it goes."""

    def __init__(self, pipe: IO[bytes], log_stream: LogStream | None, file: Path | None) -> None:
        self._pipe = pipe
        self._log_stream = log_stream
        self._file = file.open("wb") if file else None
        self._flush_at = 0.0
        self._ended = False

    def pass_on(self, seconds: float) -> None:
        """Pass on what comes within a time; return early when something did."""
        if self._ended:
            time.sleep(seconds)
        elif select.select([self._pipe], [], [], seconds)[0]:
            output = os.read(self._pipe.fileno(), _READ_BYTES)
            self._ended = not output
            if self._log_stream:
                self._log_stream.feed(output)
            if self._file:
                self._file.write(output)
                self._file.flush()
        if time.monotonic() >= self._flush_at:
            self._send()
            self._flush_at = time.monotonic() + _FLUSH_INTERVAL_SECONDS

    def close(self, seconds: float) -> None:
        """Pass on the rest, within a time, and end."""
        deadline = time.monotonic() + seconds
        while not self._ended and (remaining := deadline - time.monotonic()) > 0:
            self.pass_on(remaining)
        if self._log_stream:
            self._log_stream.end_line()
        # After the last one it is lost; each is itself tried several times by the client.
        any(self._send() for _ in range(_LAST_SENDS))
        self._pipe.close()
        if self._file:
            self._file.close()

    def _send(self) -> bool:
        """Send what there is, and return whether it is sent."""
        try:
            if self._log_stream:
                self._log_stream.flush()
        except (BotoCoreError, ClientError) as error:
            # The driver keeps what it could not send and tries again; the container goes on.
            print(f"output not sent to {self._log_stream}: {error}", file=sys.stderr)
            return False
        return True
