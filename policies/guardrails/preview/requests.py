"""The previews that the command requests: of stacks as they are, before a change, and with varied settings."""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from guardrails.preview.preview_result import Preview
from guardrails.preview.project_files import stack_file
from guardrails.preview.variations import AS_IT_IS, Settings, VariationsError, varied_file

Varied = Mapping[str, Preview]
"""The previews of a stack by the name of the variation, with the unchanged stack first."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request to preview one stack of a Pulumi project."""

    project: Path
    stack: str
    config_file: Path | None = None
    """The file that replaces the stack's own file."""
    sources: Path | None = None
    """The folder with the project's own files, if `project` is a copy."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables for the engine, the program and the policy pack."""

    @property
    def file(self) -> Path | None:
        """The file that configures the stack, if it has one."""
        return self.config_file or stack_file(self.project, self.stack)


RunPreviews = Callable[[Sequence[Request]], Sequence[Preview]]
"""Returns the preview of each request."""


def with_base(
    run: RunPreviews, requests: Sequence[Request], folder: Path
) -> tuple[Sequence[Preview], Mapping[str, Preview]]:
    """Return the previews of stacks, and by stack the previews of the project in another folder."""
    in_folder = [replace(request, project=folder, config_file=None, sources=None) for request in requests]
    # A stack that has a file only now is new; a stack that has none on either side is configured elsewhere.
    before = [old for old, new in zip(in_folder, requests, strict=True) if old.file or not new.file]
    previews = run([*requests, *before])
    now, then = previews[: len(requests)], previews[len(requests) :]
    return now, {preview.stack: preview for preview in then}


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
