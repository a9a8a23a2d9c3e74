"""What the engine is asked: about stacks as they are, and beside them as they were, or as they would be."""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from guardrails.preview.beside import Base
from guardrails.preview.outcome import Preview
from guardrails.preview.projects import Request
from guardrails.preview.variations import AS_IT_IS, Settings, VariationsError, varied
from guardrails.preview.what_if import Varied

Ask = Callable[[Sequence[Request]], Sequence[Preview]]


def with_base(
    ask: Ask, requests: Sequence[Request], folder: Path, gone: Sequence[str]
) -> tuple[Sequence[Preview], Base]:
    """Return the previews of stacks, and those of the same stacks of the project in another folder."""
    there = [Request(project=folder, stack=one.stack) for one in requests]
    # A stack without a file on either side is configured elsewhere; one with a file on this side alone is new.
    before = [then for then, now in zip(there, requests, strict=True) if then.file or not now.file]
    previews = ask([*requests, *before])
    now, then = previews[: len(requests)], previews[len(requests) :]
    return now, Base(previews={preview.stack: preview for preview in then}, gone=gone)


def with_variations(
    ask: Ask, requests: Sequence[Request], variations: Mapping[str, Settings]
) -> list[Varied]:
    """Return each stack as it is, and with each variation of its file.

    Raises:
        VariationsError: where the file cannot be read.
    """
    with tempfile.TemporaryDirectory(prefix="guardrails-") as name:
        asked = [one for request in requests for one in _varied(request, variations, Path(name))]
        previews = iter(ask(asked))
    return [{name: next(previews) for name in (AS_IT_IS, *variations)} for _ in requests]


def _varied(request: Request, variations: Mapping[str, Settings], folder: Path) -> Iterator[Request]:
    yield request
    if request.file is None:
        raise VariationsError(
            f"{request.stack} has no file in {request.project} that could vary; name one with --config-file"
        )
    for number, variation in enumerate(variations.values()):
        file = folder / f"{request.stack.replace('/', '-')}.{number}.yaml"
        file.write_text(varied(request.file, variation), encoding="utf-8")
        yield replace(request, config_file=file)
