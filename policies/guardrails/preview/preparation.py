"""The preparation of previews: the base's revision is unpacked, and offline copies are made, in a temporary folder."""

import argparse
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from guardrails.checkout import root_of
from guardrails.limits_source import LIMITS
from guardrails.preview.preview_result import Preview, PreviewError
from guardrails.preview.project_files import is_project, stack_file, stacks_of
from guardrails.preview.requests import Request
from guardrails.preview.revision import RevisionError, unpack
from guardrails.preview.variations import VariationsError, read_settings


@dataclass(frozen=True, kw_only=True)
class BaseProject:
    """The project before a change."""

    folder: Path = Path()
    name: str = ""
    limits: Path | None = None
    """The limits before the change; None if they are in another checkout."""
    removed: Sequence[str] = ()
    """The stacks that no longer exist."""
    error: str = ""
    """The reason why it cannot be used."""


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """The stacks to preview, and the base to compare them with."""

    requests: Sequence[Request]
    base: BaseProject | None
    failed: Sequence[Preview] = ()
    """The stacks whose file cannot be read."""


@contextmanager
def prepared(options: argparse.Namespace) -> Iterator[Prepared]:
    """Yield the requests for the stacks, and the base if the options name one.

    Raises:
        VariationsError: if a file of settings cannot be read.
        PreviewError: if Pulumi cannot create an offline stack.
    """
    with tempfile.TemporaryDirectory(prefix="guardrails-") as name:
        folder = Path(name)
        limits = {LIMITS: str(options.limits)} if options.limits else {}
        base = _base(options, folder / "revision") if options.base else None
        if options.offline:
            yield _offline(options, base, folder / "offline", limits)
        else:
            requests = _requests(options, options.stacks, options.project, limits)
            yield Prepared(requests=requests, base=base)


def _base(options: argparse.Namespace, folder: Path) -> BaseProject:
    """Return the project in the folder that the options name, or at the git revision."""
    project, name = Path(options.base).resolve(), Path(options.base).name
    checkout = root_of(project)
    if not is_project(project):
        try:
            revision = unpack(options.base, options.project, folder)
        except RevisionError as error:
            return BaseProject(error=str(error))
        project, name, checkout = revision.project, revision.name, folder
    removed = [] if options.named_stacks else sorted({*stacks_of(project)} - {*options.stacks})
    return BaseProject(folder=project, name=name, removed=removed, limits=_limits(options, checkout))


def _limits(options: argparse.Namespace, checkout: Path) -> Path | None:
    """Return the limits in the checkout of the base, at the same place as those of now."""
    place, root = options.limits or options.policy_pack / "limits", root_of(options.project)
    return checkout / place.relative_to(root) if place.is_relative_to(root) else None


def _offline(
    options: argparse.Namespace, base: BaseProject | None, folder: Path, limits: Mapping[str, str]
) -> Prepared:
    # Imported late: Pulumi's SDK takes a second to import, and no other command needs it.
    from guardrails.preview.offline import Offline, OfflineError  # noqa: PLC0415

    folder.mkdir()
    failed = list(_unreadable(options.project, options.stacks))
    if failed and options.what_if:
        raise VariationsError(failed[0].errors[0])
    stacks = [stack for stack in options.stacks if stack not in {each.stack for each in failed}]
    offline = Offline(
        folder=folder,
        python=options.project,
        settings=read_settings(options.settings) if options.settings else None,
        secrets=options.secrets,
    )
    try:
        project = offline.copy("project", options.project, stacks)
    except OfflineError as error:
        raise PreviewError(str(error)) from None
    if base and not base.error:
        try:
            base = replace(base, folder=offline.copy("base", base.folder, stacks))
        except (VariationsError, OfflineError) as error:
            base = replace(base, error=str(error))
    requests = _requests(options, stacks, project, {**offline.environment, **limits})
    requests = [replace(each, sources=options.project) for each in requests]
    return Prepared(requests=requests, base=base, failed=failed)


def _unreadable(project: Path, stacks: Sequence[str]) -> Iterator[Preview]:
    """Yield a failed preview for each stack whose file cannot be copied, so that the others have a report."""
    for stack in stacks:
        try:
            if file := stack_file(project, stack):
                read_settings(file)
        except VariationsError as error:
            yield Preview(stack=stack, errors=[str(error)], folder=project)


def _requests(
    options: argparse.Namespace, stacks: Sequence[str], project: Path, environment: Mapping[str, str]
) -> list[Request]:
    return [
        Request(project=project, stack=stack, config_file=options.config_file, environment=environment)
        for stack in stacks
    ]
