"""The command `python -m guardrails preview`: its previews, its reports, and its exit codes."""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from guardrails.limits_source import LIMITS
from guardrails.preview.comparison import Base
from guardrails.preview.formats import FORMATS, SUFFIXES, WHAT_IF_FORMATS, as_text
from guardrails.preview.preview_result import Preview, PreviewError, Verdict
from guardrails.preview.project_files import stacks_of
from guardrails.preview.requests import Request, RunPreviews, Varied, with_base, with_variations
from guardrails.preview.variations import AS_IT_IS, VariationsError, read_settings, read_variations
from guardrails.visible import visible

PASSED, REFUSED, WRONG, FAILED = 0, 1, 2, 3


def run(options: argparse.Namespace) -> int:
    """Preview the stacks, print and write the reports, and return the exit code."""
    # Imported late: Pulumi's SDK takes a second to import, and no other command needs it.
    from guardrails.preview.engine import preview_all  # noqa: PLC0415

    def run_previews(requests: Sequence[Request]) -> Sequence[Preview]:
        if sys.stderr.isatty():
            more = f" {len(requests)} times" if len(requests) > len(options.stacks) else ""
            print(f"Previewing {', '.join(options.stacks)}{more} …", file=sys.stderr)
        return preview_all(requests, pack=options.policy_pack)

    try:
        with _requests(options) as (requests, base_folder):
            if options.what_if:
                stacks = with_variations(run_previews, requests, read_variations(options.what_if))
                previews: Sequence[Preview] = [varied[AS_IT_IS] for varied in stacks]
                reports = _reports_of_variations(options, stacks)
            else:
                previews, base = _with_base(options, run_previews, requests, base_folder)
                reports = _reports(options, previews, base)
    except VariationsError as error:
        print(f"guardrails: {error}", file=sys.stderr)
        return WRONG
    except PreviewError as error:
        print(f"guardrails: {error}.", file=sys.stderr)
        return FAILED
    return _write(options, reports) or exit_code(previews)


def exit_code(previews: Sequence[Preview]) -> int:
    """Return the exit code; a mandatory violation outweighs a failed preview."""
    verdicts = {preview.verdict for preview in previews}
    if Verdict.REFUSED in verdicts:
        return REFUSED
    return FAILED if Verdict.FAILED in verdicts else PASSED


@contextmanager
def _requests(options: argparse.Namespace) -> Iterator[tuple[Sequence[Request], Path | None]]:
    """Yield the requests for the stacks, and the folder of the base; both are copies with `--offline`."""
    limits = {LIMITS: str(options.limits)} if options.limits else {}
    if not options.offline:
        yield [_request(options, options.project, stack, limits) for stack in options.stacks], options.base
        return
    from guardrails.preview.offline import Offline, OfflineError  # noqa: PLC0415 - as the engine

    with tempfile.TemporaryDirectory(prefix="guardrails-") as name:
        offline = Offline(
            folder=Path(name),
            python=options.project,
            settings=read_settings(options.settings) if options.settings else None,
            secrets=options.secrets,
        )
        try:
            project = offline.copy("project", options.project, options.stacks)
        except OfflineError as error:
            raise PreviewError(str(error)) from None
        base = None
        if options.base:
            try:
                base = offline.copy("base", options.base, options.stacks)
            except (VariationsError, OfflineError) as error:
                options.no_base = str(error)
        environment = {**offline.environment, **limits}
        yield [_request(options, project, stack, environment) for stack in options.stacks], base


def _request(
    options: argparse.Namespace, project: Path, stack: str, environment: Mapping[str, str]
) -> Request:
    return Request(
        project=project,
        stack=stack,
        config_file=options.config_file,
        sources=options.project if options.offline else None,
        environment=environment,
    )


def _with_base(
    options: argparse.Namespace, run: RunPreviews, requests: Sequence[Request], folder: Path | None
) -> tuple[Sequence[Preview], Base | None]:
    """Return the previews of the stacks, and the base if there is one."""
    if options.no_base:
        return run(requests), Base(error=options.no_base)
    if folder is None:
        return run(requests), None
    previews, before = with_base(run, requests, folder)
    removed = [] if options.only else sorted({*stacks_of(options.base)} - {*options.stacks})
    return previews, Base(previews=before, removed=removed, name=options.base_name or options.base.name)


def _reports(options: argparse.Namespace, previews: Sequence[Preview], base: Base | None) -> dict[str, str]:
    """Return the report in each requested format."""
    return {
        name: as_text(previews, base, verbose=options.verbose)
        if name == "text"
        else FORMATS[name](previews, base)
        for name in _formats(options)
    }


def _reports_of_variations(options: argparse.Namespace, stacks: Sequence[Varied]) -> dict[str, str]:
    return {name: WHAT_IF_FORMATS[name](stacks) for name in _formats(options)}


def _formats(options: argparse.Namespace) -> set[str]:
    return {options.format, *(SUFFIXES[path.suffix] for path in options.outputs)}


def _write(options: argparse.Namespace, reports: Mapping[str, str]) -> int:
    """Print the report, write the files, and return an exit code other than 0 if one cannot be written."""
    print(reports[options.format])
    for path in options.outputs:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{visible(reports[SUFFIXES[path.suffix]])}\n", encoding="utf-8")
        except OSError as error:
            print(
                f"{path} cannot be written ({error.strerror}); name another path in --output.",
                file=sys.stderr,
            )
            return os.EX_IOERR
    return 0
