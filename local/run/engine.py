"""The Pulumi CLI of a run: records itself among the started processes, then becomes the CLI that PATH names next."""

import os
import shutil
import sys
from pathlib import Path

from local.paths import ROOT, STATE
from local.process_record import record
from local.toolchain.shims import write_shim

_SHIM = STATE / "recorded" / "pulumi"


def recorded_engine() -> str:
    """Return the path of an executable that is the Pulumi CLI of PATH and records itself."""
    write_shim(_SHIM, python=Path(sys.executable), root=ROOT, module="local.run.engine")
    return str(_SHIM)


def main() -> None:
    """Record this process and replace its program; pid and start time stay."""
    record(os.getpid())
    folders = [folder for folder in os.get_exec_path() if folder != str(_SHIM.parent)]
    pulumi = shutil.which("pulumi", path=os.pathsep.join(folders))
    if pulumi is None:
        sys.exit("There is no pulumi on PATH; `make setup` builds one.")
    os.execv(pulumi, [pulumi, *sys.argv[1:]])  # noqa: S606 - the arguments are the engine's own


if __name__ == "__main__":
    main()
