"""A Pulumi language host for Python, for machines where the released `pulumi-language-python` is not available.

The engine starts it, reads its port from the first line of output, and calls it to run programs and policy packs.
The protocol: https://github.com/pulumi/pulumi/blob/master/proto/pulumi/language.proto
"""

# ruff: noqa: N802, ARG002 - the protocol names the methods and gives them their arguments

import base64
import json
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import grpc
from google.protobuf import empty_pb2

from local.same_user import SameUserInterceptor
from local.toolchain.children import Children, output_lines
from local.toolchain.policy_pack import PolicyPack
from local.toolchain.protocol import language_pb2, language_pb2_grpc, plugin_pb2

PROGRAM_RUNNER = Path(__file__).with_name("program.py")
# The runner's exit code if the error was already reported, as in the released language host.
LAST_LINES = 20
"""The number of output lines that an error about a policy pack repeats."""
REPORTED_EXIT_CODE = 32
LARGEST_MESSAGE_BYTES = 400 * 2**20  # what the engine allows
CONCURRENT_CALLS = 8  # a policy pack holds one for as long as it runs


class LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    """Runs each program and each policy pack in its own process."""

    def __init__(self, engine_address: str, children: Children) -> None:
        self._engine_address = engine_address
        self._children = children

    def Handshake(
        self, request: language_pb2.LanguageHandshakeRequest, context: grpc.ServicerContext
    ) -> language_pb2.LanguageHandshakeResponse:
        """Return an empty answer."""
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        """Return no version, since this host has the version of its checkout."""
        return plugin_pb2.PluginInfo()

    def GetRequiredPackages(
        self, request: language_pb2.GetRequiredPackagesRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetRequiredPackagesResponse:
        """Return no plugins: each resource requests its plugin when it is registered."""
        return language_pb2.GetRequiredPackagesResponse()

    def About(
        self, request: language_pb2.AboutRequest, context: grpc.ServicerContext
    ) -> language_pb2.AboutResponse:
        """Return the path and version of the Python that runs the program."""
        python = _interpreter(request.info, context)
        code = "import platform; print(platform.python_version())"
        version = subprocess.check_output([python, "-c", code], text=True)
        return language_pb2.AboutResponse(executable=str(python), version=version.strip())

    def GetProgramDependencies(
        self, request: language_pb2.GetProgramDependenciesRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetProgramDependenciesResponse:
        """Return the packages of the program's environment: all, or only those that no other package requires."""
        which = () if request.transitiveDependencies else ("--not-required",)
        command = [_interpreter(request.info, context), "-m", "pip", "list", "--format=json", *which]
        packages = json.loads(subprocess.check_output(command))
        return language_pb2.GetProgramDependenciesResponse(
            dependencies=[
                language_pb2.DependencyInfo(name=package["name"], version=package["version"])
                for package in packages
            ]
        )

    def InstallDependencies(
        self, request: language_pb2.InstallDependenciesRequest, context: grpc.ServicerContext
    ) -> Iterator[language_pb2.InstallDependenciesResponse]:
        """Print that `make setup` installs the dependencies; `pulumi install` calls every host."""
        yield language_pb2.InstallDependenciesResponse(
            stdout=b"The Python environment is made by `make setup`.\n"
        )

    def RuntimeOptionsPrompts(
        self, request: language_pb2.RuntimeOptionsRequest, context: grpc.ServicerContext
    ) -> language_pb2.RuntimeOptionsResponse:
        """Return no prompts, since the options are in Pulumi.yaml."""
        return language_pb2.RuntimeOptionsResponse()

    def Run(
        self, request: language_pb2.RunRequest, context: grpc.ServicerContext
    ) -> language_pb2.RunResponse:
        """Run a program to its end."""
        runner = (_interpreter(request.info, context), "-u", "-P", PROGRAM_RUNNER)
        command = (*runner, self._engine_address, str(REPORTED_EXIT_CODE))
        message = base64.b64encode(request.SerializeToString()) + b"\n"
        with self._children.start(
            command, context, folder=request.info.program_directory, stdin=message
        ) as process:
            exit_code = process.wait()
        if exit_code in {0, REPORTED_EXIT_CODE}:
            return language_pb2.RunResponse(bail=exit_code == REPORTED_EXIT_CODE)
        return language_pb2.RunResponse(error=f"Program exited with non-zero exit code: {exit_code}")

    def RunPlugin(
        self, request: language_pb2.RunPluginRequest, context: grpc.ServicerContext
    ) -> Iterator[language_pb2.RunPluginResponse]:
        """Run a policy pack until the engine ends the call, and pass on its output."""
        if request.kind != "analyzer":
            context.abort(
                grpc.StatusCode.UNIMPLEMENTED,
                f"This language host runs policy packs, not plugins of kind {request.kind!r}; install the released "
                "Pulumi (https://www.pulumi.com/docs/install/) to run one.",
            )
        command = [str(_interpreter(request.info, context)), "-u", "-m", "pulumi.policy", *request.args, "."]
        pack = PolicyPack()
        context.add_callback(pack.close)
        with suppress(EOFError), pack.serve() as port:
            yield language_pb2.RunPluginResponse(stdout=f"{port}\n".encode())
            variables = dict(variable.split("=", 1) for variable in request.env)
            with self._children.start(
                command,
                context,
                folder=request.info.program_directory,
                environment={**variables, **pack.stack_environment()},
                piped_output=True,
            ) as process:
                yield from _output(process, pack)

    def Cancel(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Kill all processes."""
        self._children.stop()
        return empty_pb2.Empty()


def _output(process: subprocess.Popen[bytes], pack: PolicyPack) -> Iterator[language_pb2.RunPluginResponse]:
    """Pass on a policy pack's output, except its port."""
    is_started = False
    last_output: deque[bytes] = deque(maxlen=LAST_LINES)
    for stream, line in output_lines(process):
        if stream == "stderr":
            last_output.append(line)
            yield language_pb2.RunPluginResponse(stderr=line)
        elif is_started or not line.strip().isdigit():
            yield language_pb2.RunPluginResponse(stdout=line)
        else:
            pack.connect(int(line))
            is_started = True
    pack.close(b"".join(last_output).decode(errors="replace").strip())
    yield language_pb2.RunPluginResponse(exitcode=process.wait())


def _interpreter(info: language_pb2.ProgramInfo, context: grpc.ServicerContext) -> Path:
    """Return the Python of the project's `virtualenv`, or the one that runs this host."""
    if "virtualenv" not in info.options:
        return Path(sys.executable)
    python = Path(info.root_directory, str(info.options["virtualenv"]), "bin", "python")
    if not python.exists():
        context.abort(
            grpc.StatusCode.FAILED_PRECONDITION,
            f"The virtualenv of {info.root_directory} has no {python}; create it, or set another "
            "`virtualenv` in the project's YAML file.",
        )
    return python


def main() -> None:
    """Serve the engine at the address in the last argument, until it ends or sends a signal."""
    children = Children()

    def leave(*_: object) -> None:
        # Exit at once: the engine waits up to 30 s for its plugins when it ends.
        children.stop()
        os._exit(0)

    signal.signal(signal.SIGINT, leave)
    signal.signal(signal.SIGTERM, leave)
    options = [(f"grpc.max_{way}_message_length", LARGEST_MESSAGE_BYTES) for way in ("send", "receive")]
    server = grpc.server(
        ThreadPoolExecutor(CONCURRENT_CALLS), interceptors=[SameUserInterceptor()], options=options
    )
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(LanguageHost(sys.argv[-1], children), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    os.read(sys.stdin.fileno(), 1)  # the engine never writes to stdin: this returns when it has ended
    leave()


if __name__ == "__main__":
    main()
