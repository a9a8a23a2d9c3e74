"""Executables that the Pulumi engine looks for on PATH: short scripts that start a module of this checkout."""

import shlex
from pathlib import Path

MARK = "# Made by local.toolchain; any edit is lost."
START = (
    "import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); "
    'runpy.run_module(sys.argv.pop(1), run_name="__main__", alter_sys=True)'
)


def write_shim(path: Path, *, python: Path, root: Path, module: str) -> None:
    """Write an executable that runs `module` of the checkout `root` from any folder.

    The checkout is added to the module's sys.path, not to an environment variable, which a program or a policy pack
    would inherit; `-P` keeps the current folder off sys.path for the same reason.
    """
    command = shlex.join([str(python), "-P", "-c", START, str(root), module])
    _write(path, f'exec {command} "$@"')


def write_command(environment: Path, name: str, module: str) -> None:
    """Write an executable to a virtual environment that runs `module` of the checkout in which it is called.

    It finds the checkout by its own path, since several checkouts can have links to one environment.
    """
    lines = [
        'folder=$(CDPATH= cd -L -- "$(dirname -- "$0")" && pwd -L)',
        f'exec "$folder/python" -P -c {shlex.quote(START)} "${{folder%/*/bin}}" {module} "$@"',
    ]
    _write(environment / "bin" / name, "\n".join(lines))


def _write(path: Path, commands: str) -> None:
    script = f"#!/bin/sh\n{MARK}\n{commands}\n"
    if path.exists() and path.read_text(encoding="utf-8") == script:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(script, encoding="utf-8")
    part.chmod(0o755)
    part.replace(path)


def is_shim(path: Path) -> bool:
    """Return True if `write_shim` of any checkout wrote the executable."""
    with path.open("rb") as file:
        return MARK.encode() in file.read(200)
