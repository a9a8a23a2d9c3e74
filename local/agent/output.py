"""A container's output, passed on to CloudWatch Logs and to a file."""

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
    """The pipe that a container writes to, and the log stream and file that receive its output."""

    def __init__(self, pipe: IO[bytes], log_stream: LogStream | None, file: Path | None) -> None:
        self._pipe = pipe
        self._log_stream = log_stream
        self._file = file.open("wb") if file else None
        self._flush_at = 0.0
        self._ended = False

    def pass_on(self, seconds: float) -> None:
        """Pass on output for up to `seconds`; return as soon as some was read."""
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
        """Pass on the remaining output within `seconds`, then close the file."""
        deadline = time.monotonic() + seconds
        while not self._ended and (remaining := deadline - time.monotonic()) > 0:
            self.pass_on(remaining)
        if self._log_stream:
            self._log_stream.end_line()
        # After the last attempt the output is lost; the client itself retries each attempt several times.
        any(self._send() for _ in range(_LAST_SENDS))
        self._pipe.close()
        if self._file:
            self._file.close()

    def _send(self) -> bool:
        """Send the collected output; return False if it could not be sent."""
        try:
            if self._log_stream:
                self._log_stream.flush()
        except (BotoCoreError, ClientError) as error:
            # The driver keeps output that it could not send and retries; the container runs on.
            print(f"output not sent to {self._log_stream}: {error}", file=sys.stderr)
            return False
        return True
