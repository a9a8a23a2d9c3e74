"""Previews as one comment on a pull request, in GitHub Markdown: the verdict first, details folded away."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from guardrails.preview.changed_limits import changed_limits
from guardrails.preview.comparison import KEY_HEADINGS, Base, Change, change_of, key_rows
from guardrails.preview.fitting import Kind, Part, fitted
from guardrails.preview.markdown import folded, preformatted, section_markdown, section_parts
from guardrails.preview.preview_result import Preview, Verdict, Violation, is_skipped
from guardrails.preview.sections import (
    change_section,
    costs_section,
    headline,
    machine_text,
    notes,
    overview,
    rule_rows,
)
from guardrails.tables import escaped, piped
from guardrails.words import counted

MARKER = "<!-- ccapi-policy -->"
"""The first line, by which a program finds the comment that it wrote before, to update it."""
MAX_LENGTH = 60_000
"""In characters; GitHub refuses a comment of more than 65,536."""

_MARKS = {Verdict.PASSED: "✅", Verdict.REFUSED: "❌", Verdict.FAILED: "⚠️", Verdict.DEFERRED: "⏳"}
_WORST_FIRST = (Verdict.REFUSED, Verdict.FAILED, Verdict.DEFERRED, Verdict.PASSED)
_LEVELS = {
    0: ("Refused by {}", "mandatory violation", Kind.MANDATORY_VIOLATION),
    1: ("Before the deployment: {}", "violation", Kind.MANDATORY_VIOLATION),
    2: ("Advisory: {}", "violation", Kind.ADVISORY_VIOLATION),
}
_MAX_ERROR = 4_000
_MAX_MESSAGE = 2_000


def as_comment(previews: Sequence[Preview], base: Base | None = None) -> str:
    """Return previews as a comment that is short enough for GitHub; the least important parts are left out first."""
    parts = [Part(MARKER), Part(f"## {_title(previews)}"), *_about_base(base)]
    if len(previews) > 1 or (base and base.removed):
        parts.append(Part(section_markdown(overview(previews, base))))
    for preview in sorted(previews, key=lambda preview: _WORST_FIRST.index(preview.verdict)):
        parts += _stack_parts(preview, base)
    return fitted(parts, MAX_LENGTH)


def _title(previews: Sequence[Preview]) -> str:
    """Return the worst verdict with its stacks, and after it the others."""
    stacks = {
        verdict: [preview.stack for preview in previews if preview.verdict is verdict]
        for verdict in _WORST_FIRST
    }
    of_verdicts = [
        f"{verdict.capitalize()}: {', '.join(names)}" for verdict, names in stacks.items() if names
    ]
    mark = next((_MARKS[verdict] for verdict, names in stacks.items() if names), "")
    return f"{mark} {escaped('. '.join(of_verdicts))}"


def _about_base(base: Base | None) -> Iterator[Part]:
    if base and base.error:
        yield Part(
            f"> ⚠️ **The base could not be previewed**, so that no change is known: {escaped(base.error)}."
        )
    elif base:
        yield Part(f"The guardrails' verdict, and the change since {escaped(base.name)}.")


def _stack_parts(preview: Preview, base: Base | None) -> Iterator[Part]:
    change = _change(preview, base)
    yield Part(f"### {_MARKS[preview.verdict]} {escaped(headline(preview))}")
    yield from (Part(preformatted(_shortened(error, _MAX_ERROR)), Kind.ERROR) for error in preview.errors)
    yield from _base_of_stack(preview, base)
    if preview.report:
        yield Part(piped([KEY_HEADINGS if change else KEY_HEADINGS[::2], *key_rows(preview, change)]))
    if limits := changed_limits(preview, base):
        yield Part(f"**Set by the change: {counted(len(limits), 'limit')}**")
        yield from (
            Part(f"- {escaped(_shortened(limit, _MAX_MESSAGE))}", Kind.CHANGED_LIMIT) for limit in limits
        )
    yield from _violations(preview, change)
    for title, names in change.resources.lists.items() if change else ():
        yield Part(f"**{title}**")
        yield from (Part(f"- {escaped(name)}", Kind.CHANGED_RESOURCE) for name in names)
    if change and change.fixed_violations:
        yield Part(f"**Fixed by the change: {counted(len(change.fixed_violations), 'violation')}**")
        yield from (
            Part(f"- {_named(violation)}", Kind.FIXED_VIOLATION) for violation in change.fixed_violations
        )
    for title, items in notes(preview).items():
        yield Part(f"**{title}**")
        yield from (Part(f"- {escaped(_shortened(item, _MAX_MESSAGE))}", Kind.NOTE) for item in items)
    yield from (Part(folded(title, content), kind) for title, content, kind in _details(preview, base))


def _change(preview: Preview, base: Base | None) -> Change | None:
    """Return the differences to the base, if both previews succeeded."""
    before = base.previews.get(preview.stack) if base else None
    return change_of(before, preview) if before and before.report and preview.report else None


def _base_of_stack(preview: Preview, base: Base | None) -> Iterator[Part]:
    if not base or base.error:
        return
    before = base.previews.get(preview.stack)
    if before is None:
        # A stack that cannot be read is not previewed in the base either.
        yield from [Part("The stack is new.")] if preview.report else []
    elif not before.report:
        yield Part("⚠️ **The base could not be previewed**, so that no change of this stack is known:")
        yield from (Part(preformatted(_shortened(error, _MAX_ERROR)), Kind.ERROR) for error in before.errors)


def _violations(preview: Preview, change: Change | None) -> Iterator[Part]:
    """Yield the violations by level, mandatory ones first, each with its remedy; new ones are marked."""
    new = set(map(id, change.new_violations)) if change else set()
    remedies = {rule["name"]: rule for rule in preview.report.get("rules", ())}

    found = [violation for violation in preview.violations if not is_skipped(violation)]
    found.sort(key=lambda violation: (violation.rank, violation.rule))
    for rank, group in groupby(found, lambda violation: violation.rank):
        violations = list(group)
        heading, noun, kind = _LEVELS[rank]
        yield Part(f"**{heading.format(counted(len(violations), noun))}**")
        for violation in violations:
            mark = " (new)" if id(violation) in new else ""
            # The remedy of a rule is written once.
            yield Part(f"- {_named(violation, mark)}{_remedy(remedies.pop(violation.rule, None))}", kind)


def _named(violation: Violation, mark: str = "") -> str:
    message = " ".join(violation.message.split())
    return f"**{escaped(violation.rule)}**{mark}: {escaped(_shortened(message, _MAX_MESSAGE))}"


def _remedy(rule: dict[str, str] | None) -> str:
    if rule is None:
        return ""
    return f"<br>Remedy: {escaped(rule['remediation'])} ([source]({rule['url']}))"


def _details(preview: Preview, base: Base | None) -> Iterator[tuple[str, str, Kind]]:
    if base and _change(preview, base):
        section = change_section(preview, base)
        yield section.title, "\n\n".join(section_parts(section)), Kind.CHANGES
    if preview.report:
        costs = costs_section(preview)
        yield costs.title, "\n\n".join(section_parts(costs)), Kind.COSTS
    for machine in preview.report.get("machines", ()):
        yield f"The running time of {machine['name']}", preformatted(machine_text(machine)), Kind.TIMES
    if preview.report:
        yield "Rules", piped(rule_rows(preview)), Kind.RULES


def _shortened(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"
