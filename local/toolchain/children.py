"""The language host's child processes, which must not outlive it or the call that started them."""

import queue
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import grpc


class Children:
    """Starts processes and tracks the running ones."""

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
        """Start a process that is killed when the call `context` ends; its stdin stays open after the first input."""
        output = subprocess.PIPE if piped_output else None
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=output, stderr=output, cwd=folder, env=environment
        )
        # The pipe breaks if the process ends before it has read its input; its exit code explains more.
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
        """Kill all processes at once."""
        for process in list(self._running):
            process.kill()


def output_lines(process: subprocess.Popen[bytes]) -> Iterator[tuple[str, bytes]]:
    """Yield a process's output as ("stdout" or "stderr", line), as it is written, until it closes both."""
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
