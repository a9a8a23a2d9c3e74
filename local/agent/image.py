"""The command that assembles an image's working directory from a Dockerfile: `python -m local.agent.image`.

It follows WORKDIR, ENV, those COPY lines of the last stage that copy files from the build context into the working
directory, and those RUN lines that compile a folder in it by `-m compileall`. This machine's Python environment stands
in for packages that other lines install; the folder given with `--base` stands in for the files that the base image has
in that directory, such as a program to run.
Source: Dockerfile reference (https://docs.docker.com/reference/dockerfile/).
"""

import compileall
import json
import re
import shlex
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from local.command_line import Parser

_CONTINUATION = re.compile(r"\\\s*\n")
_IGNORED = shutil.ignore_patterns("__pycache__", "*.pyc")


def instructions(dockerfile: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the instructions of the last stage, each with its words; flags such as `--chown` come first."""
    lines = [line for line in dockerfile.splitlines() if not line.lstrip().startswith("#")]
    stage: list[tuple[str, list[str]]] = []
    for line in _CONTINUATION.sub(" ", "\n".join(lines)).splitlines():
        name, _, rest = line.strip().partition(" ")
        if name.upper() == "FROM":
            stage = []
        elif name:
            stage.append((name.upper(), _words(rest)))
    yield from stage


def assemble(dockerfile: Path, context: Path, to: Path, *, base: Path | None = None) -> None:
    """Write a Dockerfile's working directory to the folder `to`, and its environment to a file beside it."""
    working_directory = PurePosixPath("/")
    environment: dict[str, str] = {}
    copies: list[tuple[list[str], PurePosixPath, bool]] = []
    compiled: list[PurePosixPath] = []
    for name, words in instructions(dockerfile.read_text()):
        if name == "WORKDIR":
            working_directory /= words[0]
        elif name == "ENV":
            environment |= dict(word.split("=", 1) for word in words)
        elif name == "COPY" and not any(word.startswith("--from") for word in words):
            *sources, destination = (word for word in words if not word.startswith("--"))
            copies.append(
                (sources, working_directory / destination, destination.endswith("/") or len(sources) > 1)
            )
        elif name == "RUN" and "compileall" in words:
            options = words[words.index("compileall") + 1 :]
            compiled += [working_directory / word for word in options if not word.startswith("-")]
    shutil.rmtree(to, ignore_errors=True)
    if base is None:
        to.mkdir(parents=True)
    else:
        shutil.copytree(base, to, symlinks=True, ignore=_IGNORED)
    for sources, target, into_folder in copies:
        if target.is_relative_to(working_directory):
            for source in sources:
                _copy(context, source, to / target.relative_to(working_directory), into_folder=into_folder)
    for folder in compiled:
        if folder.is_relative_to(working_directory):
            # Without it each container would compile its own copy, which takes as long as its work on one region.
            compileall.compile_dir(to / folder.relative_to(working_directory), quiet=2)
    _environment_file(to).write_text(json.dumps(environment))


def read_environment(image: Path) -> Mapping[str, str]:
    """Return the ENV of an assembled image; empty for a folder that was made by hand."""
    file = _environment_file(image)
    return dict(json.loads(file.read_text())) if file.exists() else {}


def _environment_file(image: Path) -> Path:
    image = image.resolve()
    return image.with_name(f"{image.name}.environment.json")


def _words(rest: str) -> list[str]:
    if rest.strip().startswith("["):
        return [str(word) for word in json.loads(rest)]
    return shlex.split(rest)


def _copy(context: Path, source: str, target: Path, *, into_folder: bool) -> None:
    found = sorted(context.glob(source))
    if not found:
        raise FileNotFoundError(f"COPY {source}: the build context {context} has no such file.")
    for path in found:
        if path.is_dir():
            # As in Docker, COPY of a folder copies its content.
            shutil.copytree(path, target, dirs_exist_ok=True, ignore=_IGNORED)
        else:
            file = target / path.name if into_folder or target.is_dir() else target
            file.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, file)


def main() -> None:
    """Assemble the folder named on the command line."""
    parser = Parser(
        prog="python -m local.agent.image", description="Write an image's working directory to a folder."
    )
    parser.add_argument("--dockerfile", type=Path, required=True, help="the image's Dockerfile")
    parser.add_argument("--context", type=Path, required=True, help="the build context, a folder")
    parser.add_argument("--to", type=Path, required=True, help="folder to write to; it is replaced")
    parser.add_argument(
        "--base", type=Path, help="folder with the base image's files in its working directory"
    )
    arguments = parser.parse_args()
    try:
        assemble(arguments.dockerfile, arguments.context, arguments.to, base=arguments.base)
    except OSError as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
