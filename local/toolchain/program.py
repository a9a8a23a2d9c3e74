"""The process of one Pulumi program, in the Python environment of the program.

The language host starts this file by its path, with the engine's address and the exit code for errors that were already
reported. The run request is the first line of stdin; the end of stdin means that the host has ended.
"""

import asyncio
import base64
import gc
import logging
import os
import runpy
import sys
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pulumi
from pulumi import runtime
from pulumi.runtime.proto import language_pb2

THREADS_PER_PARALLEL_OPERATION = 4


def main(engine_address: str, reported_exit_code: int) -> int:
    """Run the program of the request on stdin and return the exit code of this process."""
    request = language_pb2.RunRequest.FromString(base64.b64decode(sys.stdin.buffer.readline()))
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    # asyncio would log every future that a failed deployment leaves pending, without new information.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    # A program lives for seconds and keeps nearly all its objects: garbage collection took a quarter of its time.
    gc.disable()
    _configure(request, engine_address)
    program = Path(request.info.program_directory, request.info.entry_point)
    sys.argv = [str(program), *request.args]
    try:
        _run(program, parallel=request.parallel)
    except pulumi.RunError as error:
        pulumi.log.error(str(error))
    except Exception as error:  # noqa: BLE001 - whatever a program raises is shown to its author
        if not _engine_has_gone(error):
            pulumi.log.error(f"Program failed with an unhandled exception:\n{_own_traceback(error, program)}")
    else:
        return 0
    return reported_exit_code


def _configure(request: language_pb2.RunRequest, engine_address: str) -> None:
    runtime.set_all_config(dict(request.config), list(request.configSecretKeys))
    runtime.configure(
        runtime.Settings(
            project=request.project,
            stack=request.stack,
            organization=request.organization,
            root_directory=request.info.root_directory,
            monitor=request.monitor_address,
            engine=engine_address,
            parallel=request.parallel,
            dry_run=request.dryRun,
        )
    )


def _run(program: Path, *, parallel: int) -> None:
    """Run a file, or the `__main__.py` of a folder, as the stack's program."""

    def run_file() -> None:
        runpy.run_path(str(program), run_name="__main__")

    with asyncio.Runner() as runner:
        threads = max(parallel, 1) * THREADS_PER_PARALLEL_OPERATION
        runner.get_loop().set_default_executor(ThreadPoolExecutor(threads))
        runner.run(runtime.run_in_stack(run_file))


def _engine_has_gone(error: Exception) -> bool:
    return isinstance(error, grpc.RpcError) and error.code() == grpc.StatusCode.UNAVAILABLE


def _own_traceback(error: Exception, program: Path) -> str:
    """Return a traceback that begins with the program's first line, without the callers above it."""
    own_files = {str(program), str(program / "__main__.py")}
    trace = error.__traceback__
    while trace and trace.tb_frame.f_code.co_filename not in own_files:
        trace = trace.tb_next
    return "".join(traceback.format_exception(type(error), error, trace or error.__traceback__))


def _end_with_stdin() -> None:
    # Read the descriptor, not sys.stdin: this thread would hold its lock when Python ends.
    os.read(0, 1)
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
