"""The formats in which previews are told."""

import json
from collections.abc import Callable, Mapping, Sequence

from guardrails.preview import markdown, text, what_if
from guardrails.preview.beside import Base, beside_base
from guardrails.preview.outcome import Preview, as_json
from guardrails.preview.what_if import Varied, what_if_section


def _json(previews: Sequence[Preview], base: Base | None) -> str:
    stacks = [{**as_json(one), **(beside_base(one, base) if base else {})} for one in previews]
    return _dumped({"stacks": stacks, **({"gone": list(base.gone)} if base else {})})


def _what_if_text(varied: Sequence[Varied]) -> str:
    return "\n\n\n".join(text.section_text(what_if_section(one)) for one in varied)


def _what_if_markdown(varied: Sequence[Varied]) -> str:
    return "\n\n".join(markdown.section_markdown(what_if_section(one)) for one in varied)


def _what_if_json(varied: Sequence[Varied]) -> str:
    return _dumped({"stacks": [what_if.as_json(one) for one in varied]})


def _dumped(told: Mapping[str, object]) -> str:
    return json.dumps(told, indent=2, ensure_ascii=False)


FORMATS: Mapping[str, Callable[[Sequence[Preview], Base | None], str]] = {
    "text": text.as_text,
    "json": _json,
    "markdown": markdown.as_markdown,
}
"""Stacks as they are, and beside them as they were where that is asked for."""

WHAT_IF_FORMATS: Mapping[str, Callable[[Sequence[Varied]], str]] = {
    "text": _what_if_text,
    "json": _what_if_json,
    "markdown": _what_if_markdown,
}
"""Stacks as they are, and as they would be."""
