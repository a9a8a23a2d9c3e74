"""A shim for the Pulumi CLI of a run, which records its process before it executes the real CLI."""

import os
import shutil
import sys
from pathlib import Path

from local.paths import ROOT, STATE
from local.process_record import record
from local.toolchain.shims import write_shim

_SHIM = STATE / "recorded" / "pulumi"


def recorded_engine() -> str:
    """Write the shim and return its path."""
    write_shim(_SHIM, python=Path(sys.executable), root=ROOT, module="local.run.engine")
    return str(_SHIM)


def main() -> None:
    """Record this process, then replace it by the next `pulumi` on PATH, which keeps its pid and start time."""
    record(os.getpid())
    folders = [folder for folder in os.get_exec_path() if folder != str(_SHIM.parent)]
    pulumi = shutil.which("pulumi", path=os.pathsep.join(folders))
    if pulumi is None:
        sys.exit("There is no pulumi on PATH; `make setup` builds one.")
    os.execv(pulumi, [pulumi, *sys.argv[1:]])  # noqa: S606 - the arguments are the engine's own


if __name__ == "__main__":
    main()
