"""The JSON and the text of an analysis."""

import math
from collections.abc import Iterator
from typing import Any

from guardrails.time.analysis import Analysis
from guardrails.time.fields import EXPRESS_SECONDS
from guardrails.time.history import MAX_EVENTS
from guardrails.time.worst import Step, count_text
from guardrails.visible import one_line


def as_json(analysis: Analysis) -> dict[str, Any]:
    """Return an analysis as JSON; a number without a bound is null."""
    return {
        "worst_case_seconds": _number(analysis.worst_case_seconds),
        "timeout_seconds": analysis.timeout_seconds,
        "unbounded": [{"state": found.state, "reason": found.reason} for found in analysis.unbounded],
        "path": [_step(step) for step in analysis.path],
        "transitions": {"expected": analysis.transitions.expected, "worst": analysis.transitions.worst},
        "history_events": analysis.history_events,
    }


def as_text(analysis: Analysis, *, all_states: bool = True) -> str:
    """Return an analysis as text: the slowest path, the states without a bound, and a sentence on each limit.

    Without `all_states` the table leaves out the states that take no time.
    """
    rows = [("state", "seconds", "of"), *_rows(analysis.path, all_states=all_states)]
    name_width = max(len(name) for name, _, _ in rows)
    seconds_width = max(len(seconds) for _, seconds, _ in rows)
    table = [f"{name:{name_width}}  {seconds:>{seconds_width}}  {of}".rstrip() for name, seconds, of in rows]
    refusals = [one_line(f"{found.state or 'the machine'}: {found.reason}.") for found in analysis.unbounded]
    return "\n".join(
        [
            "The slowest path:" if analysis.is_bounded else "A path without a bound:",
            *table,
            "",
            *(["Without a bound:", *refusals, ""] if refusals else []),
            time_sentence(analysis),
            _transitions_sentence(analysis),
            _history_sentence(analysis),
        ]
    )


def time_sentence(analysis: Analysis) -> str:
    """Return a sentence that compares the time of the states with the time after which an execution is ended."""
    worst, end = analysis.worst_case_seconds, analysis.ends_after_seconds
    states = "The states have no bound" if worst is None else f"The states take at most {count_text(worst)} s"
    if end is None:
        return f"{states}; the machine has no timeout of its own."
    is_own = end == analysis.timeout_seconds
    ending = (
        f"the machine's timeout of {end:,} s" if is_own else f"the limit of {end:,} s of an Express execution"
    )
    if worst is None:
        return f"{states}, only {ending} ends them."
    if analysis.is_within_timeout:
        return f"{states}, within {ending} by {count_text(end - worst)} s."
    if analysis.is_express and worst > EXPRESS_SECONDS:
        return (
            f"{states}, {count_text(worst - EXPRESS_SECONDS)} s more than the {EXPRESS_SECONDS:,} s after which an "
            "Express execution ends; shorten the states, or use the type STANDARD."
        )
    return (
        f"{states}, {count_text(worst - end)} s more than {ending}; lower a timeout, an attempt or a back-off on the "
        "path, or raise the machine's TimeoutSeconds."
    )


def _transitions_sentence(analysis: Analysis) -> str:
    expected, worst = analysis.transitions.expected, analysis.transitions.worst
    return f"State transitions: {_or_unbounded(expected)} without failures, {_or_unbounded(worst)} in the worst case."


def _history_sentence(analysis: Analysis) -> str:
    limit = f"Step Functions ends an execution at {MAX_EVENTS:,}"
    if analysis.history_events is None:
        return f"History events: no bound; {limit}."
    over = ", which this machine can reach" if analysis.history_events >= MAX_EVENTS else ""
    return f"History events: {analysis.history_events:,} in the worst case; {limit}{over}."


def _or_unbounded(count: int | None) -> str:
    return count_text(math.inf if count is None else count)


def _rows(path: tuple[Step, ...], indent: str = "", *, all_states: bool) -> Iterator[tuple[str, str, str]]:
    for step in path:
        if all_states or step.seconds:
            yield indent + one_line(step.state), count_text(step.seconds), one_line(step.arithmetic)
            yield from _rows(step.inside, f"{indent}  ", all_states=all_states)


def _step(step: Step) -> dict[str, Any]:
    return {
        "state": step.state,
        "seconds": _number(step.seconds),
        "arithmetic": step.arithmetic,
        "inside": [_step(inner) for inner in step.inside],
    }


def _number(seconds: float | None) -> float | int | None:
    if seconds is None or seconds == math.inf:
        return None
    return int(seconds) if seconds == int(seconds) else round(seconds, 3)
