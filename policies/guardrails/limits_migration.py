"""The command `limits migrate`: it writes limits files of the form before version 1 in the current form."""

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from guardrails import strict_json
from guardrails.limits import VERSION, LimitsError
from guardrails.limits_source import FOLDER
from guardrails.words import counted

_OPENING = re.compile(r'(?P<brace>\s*\{(?P<space>\s*))(?P<schema>"\$schema"\s*:\s*"[^"]*"\s*,\s*)?')
_SCHEMA = re.compile(r'("\$schema"\s*:\s*")(\.{1,2}/)')


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="limits_command")
    migrate = commands.add_parser("migrate", help="write files of an older form in the current form")
    migrate.description = (
        "Write limits files in the current form. A folder's STACK.json become PROJECT/STACK.json; a file gets its "
        "version. The limits stay as they are."
    )
    migrate.epilog = (
        "Exit code 0: the files are in the current form; 1: a file cannot be migrated, and none is."
    )
    migrate.add_argument(
        "path",
        type=Path,
        nargs="?",
        default=FOLDER,
        metavar="FILE_OR_FOLDER",
        help="default: the folder `limits` of the guardrails",
    )
    migrate.add_argument(
        "--project", metavar="NAME", help="the project that the files of a folder belong to, by Pulumi.yaml"
    )


def run(options: argparse.Namespace) -> int:
    """Migrate the files, print each, and return the exit code."""
    try:
        texts = dict(_migrated(options.path, options.project))
        for (old, new), text in texts.items():
            new.parent.mkdir(exist_ok=True)
            new.write_text(text, encoding="utf-8")
            if old != new:
                old.unlink()
    except LimitsError as error:
        print(f"guardrails: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"guardrails: {error.filename} cannot be migrated ({error.strerror}).", file=sys.stderr)
        return 1
    for old, new in texts:
        print(f"{old} -> {new}" if old != new else f"{new}: version {VERSION}")
    print(f"{counted(len(texts), 'file')} written.")
    return 0


def migrated(text: str, levels_down: int = 0) -> str:
    """Return the text of a limits file with its version; `levels_down` is how much deeper its new folder is.

    Raises:
        ValueError: if the text is not an object in JSON.
    """
    content = strict_json.loads(text)
    if not isinstance(content, dict):
        raise ValueError("it is no object")  # noqa: TRY004 - as for other text that is no limits file
    opening = _OPENING.match(text)
    if "version" not in content and opening:
        version = f'"version": {VERSION}'
        entry = f"{version},{opening['space'] or ' '}" if content else version
        text = f"{opening[0]}{entry}{text[opening.end() :]}"
    return _SCHEMA.sub(lambda found: f"{found[1]}{'../' * levels_down}{found[2].removeprefix('./')}", text)


def _migrated(path: Path, project: str | None) -> Iterator[tuple[tuple[Path, Path], str]]:
    """Yield the old and the new path of each file, and its new text."""
    if path.is_file():
        yield (path, path), _text(path, 0)
        return
    files = sorted(path.glob("*.json"))
    if not files:
        raise LimitsError(f"{path} holds no STACK.json; nothing is to be migrated.")
    if not project:
        raise LimitsError(f"the files in {path} belong to no project; name theirs, as in --project NAME.")
    for file in files:
        new = path / project / file.name
        if new.exists():
            raise LimitsError(f"both {file} and {new} exist; remove one of them.")
        yield (file, new), _text(file, 1)


def _text(path: Path, levels_down: int) -> str:
    try:
        return migrated(path.read_text(encoding="utf-8"), levels_down)
    except (ValueError, RecursionError) as error:
        raise LimitsError(f"{path} is not a file of limits ({error}); correct it.") from None
