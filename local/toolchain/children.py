"""The processes that the language host has started, none of which may outlive it or the call that asked for it."""

import queue
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import grpc


class Children:
    """Starts processes and remembers which of them run."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[bytes]] = set()

    @contextmanager
    def start(
        self,
        command: Sequence[str | Path],
        context: grpc.ServicerContext,
        *,
        folder: str,
        environment: Mapping[str, str] | None = None,
        stdin: bytes = b"",
        piped_output: bool = False,
    ) -> Iterator[subprocess.Popen[bytes]]:
        """Start a process that ends with the call `context`; its stdin stays open after what it gets at first."""
        output = subprocess.PIPE if piped_output else None
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=output, stderr=output, cwd=folder, env=environment
        )
        # A pipe breaks when the process ends before it has read all; its exit code tells more.
        with suppress(BrokenPipeError), process:
            self._running.add(process)
            context.add_callback(process.terminate)
            if process.stdin:
                with suppress(BrokenPipeError):
                    process.stdin.write(stdin)
                    process.stdin.flush()
            try:
                yield process
            finally:
                process.wait()
                self._running.discard(process)

    def stop(self) -> None:
        """Stop all of them at once."""
        for process in list(self._running):
            process.kill()


def output_lines(process: subprocess.Popen[bytes]) -> Iterator[tuple[str, bytes]]:
    """Yield what a process prints as ("stdout" or "stderr", line), as it comes, until it closes both."""
    lines: queue.SimpleQueue[tuple[str, bytes] | None] = queue.SimpleQueue()

    def read(name: str, stream: IO[bytes]) -> None:
        for line in stream:
            lines.put((name, line))
        lines.put(None)

    streams = {"stdout": process.stdout, "stderr": process.stderr}
    readers = [(name, stream) for name, stream in streams.items() if stream]
    for reader in readers:
        threading.Thread(target=read, args=reader, daemon=True).start()
    for _ in readers:
        yield from iter(lines.get, None)
