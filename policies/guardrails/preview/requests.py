"""The previews that the command requests: of stacks as they are, before a change, and with varied settings."""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from guardrails.preview.comparison import Base
from guardrails.preview.preview_result import Preview
from guardrails.preview.variations import AS_IT_IS, Settings, VariationsError, varied_file

_SUFFIXES = ("yaml", "yml")

Varied = Mapping[str, Preview]
"""The previews of a stack by the name of the variation, with the unchanged stack first."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request to preview one stack of a Pulumi project."""

    project: Path
    stack: str
    config_file: Path | None = None
    """The file that replaces the stack's own file."""

    @property
    def file(self) -> Path | None:
        """The file that configures the stack, if it has one; its name leaves out the organization."""
        name = self.stack.rpartition("/")[2]
        own = (self.project / f"Pulumi.{name}.{suffix}" for suffix in _SUFFIXES)
        return self.config_file or next((file for file in own if file.is_file()), None)


RunPreviews = Callable[[Sequence[Request]], Sequence[Preview]]
"""Returns the preview of each request."""


def is_project(folder: Path) -> bool:
    """Return True if a folder holds a Pulumi project."""
    return any((folder / f"Pulumi.{suffix}").is_file() for suffix in _SUFFIXES)


def stacks_of(project: Path) -> list[str]:
    """Return the stacks of a project that have a file."""
    return sorted(path.name.split(".", 1)[1].rsplit(".", 1)[0] for path in project.glob("Pulumi.?*.y*ml"))


def with_base(
    run: RunPreviews, requests: Sequence[Request], folder: Path, removed: Sequence[str]
) -> tuple[Sequence[Preview], Base]:
    """Return the previews of stacks, and the previews of the same stacks of the project in another folder."""
    in_folder = [Request(project=folder, stack=request.stack) for request in requests]
    # A stack that has a file only now is new; a stack that has none on either side is configured elsewhere.
    before = [old for old, new in zip(in_folder, requests, strict=True) if old.file or not new.file]
    previews = run([*requests, *before])
    now, then = previews[: len(requests)], previews[len(requests) :]
    return now, Base(previews={preview.stack: preview for preview in then}, removed=removed)


def with_variations(
    run: RunPreviews, requests: Sequence[Request], variations: Mapping[str, Settings]
) -> list[Varied]:
    """Return the previews of each stack as it is, and with each variation of its file.

    Raises:
        VariationsError: if a stack has no file, or its file cannot be read.
    """
    with tempfile.TemporaryDirectory(prefix="guardrails-") as name:
        varied = [each for request in requests for each in _varied(request, variations, Path(name))]
        previews = iter(run(varied))
    return [{name: next(previews) for name in (AS_IT_IS, *variations)} for _ in requests]


def _varied(request: Request, variations: Mapping[str, Settings], folder: Path) -> Iterator[Request]:
    yield request
    if request.file is None:
        raise VariationsError(
            f"{request.stack} has no file in {request.project} that could vary; name one with --config-file"
        )
    for number, variation in enumerate(variations.values()):
        file = folder / f"{request.stack.replace('/', '-')}.{number}.yaml"
        file.write_text(varied_file(request.file, variation), encoding="utf-8")
        yield replace(request, config_file=file)
