"""The command `python -m guardrails preview`: its previews, its reports, and its exit codes."""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence

from guardrails.preview.comparison import Base
from guardrails.preview.formats import FORMATS, SUFFIXES, WHAT_IF_FORMATS, as_text
from guardrails.preview.preparation import Prepared, prepared
from guardrails.preview.preview_result import Preview, PreviewError, Verdict
from guardrails.preview.requests import Request, RunPreviews, with_base, with_variations
from guardrails.preview.variations import AS_IT_IS, VariationsError, read_variations
from guardrails.visible import visible

PASSED, REFUSED, WRONG, FAILED, DEFERRED = 0, 1, 2, 3, 4


def run(options: argparse.Namespace) -> int:
    """Preview the stacks, print and write the reports, and return the exit code."""
    # Imported late: Pulumi's SDK takes a second to import, and no other command needs it.
    from guardrails.preview.engine import preview_all  # noqa: PLC0415

    def run_previews(requests: Sequence[Request]) -> Sequence[Preview]:
        if sys.stderr.isatty():
            more = f" {len(requests)} times" if len(requests) > len(options.stacks) else ""
            print(f"Previewing {', '.join(options.stacks)}{more} …", file=sys.stderr)
        return preview_all(requests, pack=options.policy_pack)

    base: Base | None = None
    try:
        with prepared(options) as prepared_:
            if prepared_.base and prepared_.base.error:
                why = f"guardrails: {prepared_.base.error}. The stacks are previewed without a base."
                print(why, file=sys.stderr)
            if options.what_if:
                stacks = with_variations(run_previews, prepared_.requests, read_variations(options.what_if))
                previews: Sequence[Preview] = [varied[AS_IT_IS] for varied in stacks]
                reports = {name: WHAT_IF_FORMATS[name](stacks) for name in _formats(options)}
            else:
                previews, base = _previews(run_previews, prepared_)
                reports = _reports(options, previews, base)
    except VariationsError as error:
        print(f"guardrails: {error}", file=sys.stderr)
        return WRONG
    except PreviewError as error:
        print(f"guardrails: {error}.", file=sys.stderr)
        return FAILED
    code = exit_code(previews)
    if code == DEFERRED and options.deferred_passes:
        code = PASSED
    if code in (PASSED, DEFERRED) and base and base.error:
        code = WRONG
    return _write(options, reports) or code


def exit_code(previews: Sequence[Preview]) -> int:
    """Return the exit code: that of the worst verdict."""
    verdicts = {preview.verdict for preview in previews}
    worst_first = {Verdict.REFUSED: REFUSED, Verdict.FAILED: FAILED, Verdict.DEFERRED: DEFERRED}
    return next((code for verdict, code in worst_first.items() if verdict in verdicts), PASSED)


def _previews(run_previews: RunPreviews, what: Prepared) -> tuple[Sequence[Preview], Base | None]:
    """Return the previews of the stacks, and those of the base if there is one."""
    if what.base is None:
        return _in_order(run_previews(what.requests), what), None
    if what.base.error:
        return _in_order(run_previews(what.requests), what), Base(error=what.base.error)
    previews, before = with_base(run_previews, what.requests, what.base.folder)
    base = Base(previews=before, removed=what.base.removed, name=what.base.name, limits=what.base.limits)
    return _in_order(previews, what), base


def _in_order(previews: Sequence[Preview], what: Prepared) -> Sequence[Preview]:
    """Return the previews with those of the stacks that cannot be read, by the names of the stacks."""
    return sorted([*previews, *what.failed], key=lambda preview: preview.stack) if what.failed else previews


def _reports(options: argparse.Namespace, previews: Sequence[Preview], base: Base | None) -> dict[str, str]:
    """Return the report in each requested format."""
    return {
        name: as_text(previews, base, verbose=options.verbose)
        if name == "text"
        else FORMATS[name](previews, base)
        for name in _formats(options)
    }


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
