"""The set-up of a checkout's toolchain, and the environment variables that use it."""

import errno
import os
from dataclasses import dataclass
from pathlib import Path

from local.toolchain.cache import cache_folder, locked
from local.toolchain.environment import PythonEnvironment
from local.toolchain.failures import ToolchainError, no_space
from local.toolchain.go_tool import BuiltTool
from local.toolchain.progress import Progress
from local.toolchain.pulumi_cli import PULUMI_CLI, has_language_host, released_cli, require_go
from local.toolchain.shims import write_command, write_shim

# Not a secret: it encrypts the state of the local stack, which holds no secrets, and spares the user a prompt.
LOCAL_PASSPHRASE = "local"  # noqa: S105
LOOPBACK = ("127.0.0.1", "localhost")
DISK_SPACE = "about 5 GiB in all"


@dataclass(frozen=True)
class Toolchain:
    """The tools of one checkout, ready for use."""

    root: Path
    python: Path
    pulumi: Path

    def environment(self, *, stand_in_provider: bool) -> dict[str, str]:
        """Return the variables with which a child process finds the tools.

        With the stand-in provider, Pulumi's home is in the checkout, and no plugin is downloaded. With the released
        provider, this user's plugins are used, and missing ones are downloaded.
        """
        variables = {
            "PATH": self._path(stand_in_provider=stand_in_provider),
            "PULUMI_BACKEND_URL": f"file://{self.root}/.local/state",
            "PULUMI_IGNORE_AMBIENT_PLUGINS": "false",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            # Let Python write compiled files to the environment, which belongs to this checkout; empty means unset.
            "PYTHONDONTWRITEBYTECODE": "",
            **_without_proxy_for_loopback(),
        }
        if stand_in_provider:
            variables["PULUMI_HOME"] = str(self.root / ".local" / "pulumi-home")
            variables["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] = "true"
        if not os.environ.keys() & {"PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"}:
            variables["PULUMI_CONFIG_PASSPHRASE"] = LOCAL_PASSPHRASE
        return variables

    def _path(self, *, stand_in_provider: bool) -> str:
        shims = [
            _host_shim(self.root).parent,
            *([_provider_shim(self.root).parent] if stand_in_provider else []),
        ]
        inherited = os.environ.get("PATH", os.defpath).split(os.pathsep)
        folders = [*map(str, shims), str(self.pulumi.parent), *inherited]
        return os.pathsep.join(dict.fromkeys(folders))


def ready(root: Path, *, progress: Progress) -> Toolchain:
    """Set up the tools of the checkout `root` and return them; raise ToolchainError if that fails.

    Quick and silent if they are ready. Several processes may call it at once.
    """
    cache = cache_folder(os.environ)
    local = root / ".local"
    try:
        with locked(local / "setup.lock", lambda: progress("Waiting for another setup of this checkout")):
            built = BuiltTool(PULUMI_CLI, cache, local / "logs", progress)
            released = released_cli()
            missing = not released and not built.works()
            if missing:
                require_go()  # before minutes are spent on other steps
            environment = PythonEnvironment(root, cache, local / "logs", progress)
            environment.make_ready()
            if missing:
                built.build()
            _write_shims(root, environment.python, own_host=not (released and has_language_host(released)))
            (local / "state").mkdir(exist_ok=True)
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise no_space("Setting up", needs=DISK_SPACE, folders=[root, cache]) from None
        raise ToolchainError(
            f"Setting up failed: {error.strerror} ({error.filename}); what is made goes to {local} and to {cache}, "
            "which CCAPI_CACHE_DIR can set to another folder."
        ) from error
    return Toolchain(root, environment.python, released or built.path)


def _host_shim(root: Path) -> Path:
    return root / ".local" / "bin" / "pulumi-language-python"


def _provider_shim(root: Path) -> Path:
    return root / ".local" / "bin" / "stand-in" / "pulumi-resource-aws"


def _write_shims(root: Path, python: Path, *, own_host: bool) -> None:
    if own_host:
        write_shim(_host_shim(root), python=python, root=root, module="local.toolchain.language_host")
    else:
        _host_shim(root).unlink(missing_ok=True)
    write_shim(_provider_shim(root), python=python, root=root, module="local.provider")
    write_command(root / ".venv", "ccapi", module="cli")


def _without_proxy_for_loopback() -> dict[str, str]:
    """Return the variables that keep gRPC and AWS clients from sending loopback requests through a proxy.

    gRPC honours http_proxy even for 127.0.0.1: https://github.com/grpc/grpc/blob/master/doc/environment_variables.md
    """
    named = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    value = ",".join(dict.fromkeys([*filter(None, named.split(",")), *LOOPBACK]))
    return {"NO_PROXY": value, "no_proxy": value}
