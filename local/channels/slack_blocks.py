"""Checks of Block Kit messages against Slack's limits, block by block.

Sources: https://docs.slack.dev/reference/block-kit/blocks and the pages of each block, element and object below it.
Blocks and elements that the reporter does not send are refused, since their limits are not checked here.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

MAX_BLOCKS = 50
HEADER_MAX_CHARACTERS = 150
TEXT_MAX_CHARACTERS = 3_000
FIELD_MAX_CHARACTERS, MAX_FIELDS = 2_000, 10
MAX_CONTEXT_ELEMENTS, MAX_ACTIONS = 10, 25
BUTTON_MAX_CHARACTERS, URL_MAX_CHARACTERS, VALUE_MAX_CHARACTERS = 75, 3_000, 2_000
ID_MAX_CHARACTERS = 255
ALT_MAX_CHARACTERS = 2_000

Fields = Mapping[str, Any]
Mistakes = Iterator[str]


def mistakes(blocks: Any) -> list[str]:
    """Return a sentence for each limit that the blocks of a message exceed."""
    if not isinstance(blocks, list):
        return ["blocks is not a list"]
    found = [] if len(blocks) <= MAX_BLOCKS else [f"{len(blocks)} blocks, of at most {MAX_BLOCKS}"]
    for number, block in enumerate(blocks):
        found += [f"block {number}: {mistake}" for mistake in _block(block)]
    return [*found, *_repeated(blocks, "block_id")]


def _block(block: Any) -> Mistakes:
    kind = block.get("type") if isinstance(block, dict) else None
    check = _BLOCKS.get(kind) if isinstance(kind, str) else None
    if check is None:
        yield f"no known block: {str(kind)[:40]}"
        return
    yield from _text_field(block, "block_id", ID_MAX_CHARACTERS)
    yield from check(block)


def _header(block: Fields) -> Mistakes:
    yield from _text(block.get("text"), HEADER_MAX_CHARACTERS, kinds=("plain_text",))


def _section(block: Fields) -> Mistakes:
    fields = block.get("fields")
    if "text" in block or fields is None:
        yield from _text(block.get("text"), TEXT_MAX_CHARACTERS)
    if fields is not None:
        yield from _each(fields, MAX_FIELDS, lambda field: _text(field, FIELD_MAX_CHARACTERS))
    if "accessory" in block:
        yield from _element(block["accessory"])


def _context(block: Fields) -> Mistakes:
    def element(given: Any) -> Mistakes:
        is_image = isinstance(given, dict) and given.get("type") == "image"
        return _image(given) if is_image else _text(given, TEXT_MAX_CHARACTERS)

    yield from _each(block.get("elements"), MAX_CONTEXT_ELEMENTS, element)


def _actions(block: Fields) -> Mistakes:
    elements = block.get("elements")
    yield from _each(elements, MAX_ACTIONS, _element)
    yield from _repeated(elements, "action_id")


def _divider(_block: Fields) -> Mistakes:
    yield from ()


def _image(image: Fields) -> Mistakes:
    yield from _text_field(image, "image_url", URL_MAX_CHARACTERS, required=True)
    yield from _text_field(image, "alt_text", ALT_MAX_CHARACTERS, required=True)


_BLOCKS: Mapping[str, Callable[[Fields], Mistakes]] = {
    "header": _header,
    "section": _section,
    "context": _context,
    "actions": _actions,
    "divider": _divider,
    "image": _image,
}


def _element(element: Any) -> Mistakes:
    if not isinstance(element, dict) or element.get("type") != "button":
        yield "an element is not a button"
        return
    yield from _text(element.get("text"), BUTTON_MAX_CHARACTERS, kinds=("plain_text",))
    yield from _text_field(element, "action_id", ID_MAX_CHARACTERS)
    yield from _text_field(element, "value", VALUE_MAX_CHARACTERS)
    yield from _text_field(element, "url", URL_MAX_CHARACTERS)
    if "url" in element and not str(element["url"]).startswith(("https://", "http://")):
        yield "url is not an http or https URL"
    if element.get("style", "primary") not in {"primary", "danger"}:
        yield "style is neither primary nor danger"


def _text(text: Any, most: int, kinds: Sequence[str] = ("plain_text", "mrkdwn")) -> Mistakes:
    """Yield the mistakes in a text object."""
    if not isinstance(text, dict) or text.get("type") not in kinds:
        yield f"text is not a {' or '.join(kinds)} object"
        return
    yield from _text_field(text, "text", most, required=True)
    only = {"plain_text": "emoji", "mrkdwn": "verbatim"}[text["type"]]
    for name in sorted(text.keys() - {"type", "text"}):
        if name != only or not isinstance(text[name], bool):
            yield f"{text['type']} has no {name[:40]}"


def _text_field(fields: Fields, name: str, most: int, *, required: bool = False) -> Mistakes:
    value = fields.get(name)
    if value is None and not required:
        return
    if not isinstance(value, str) or not value:
        yield f"{name} is not a text"
    elif len(value) > most:
        yield f"{name} has {len(value)} characters, of at most {most}"


def _repeated(items: Any, name: str) -> Mistakes:
    """Yield a mistake for each duplicate id."""
    items = items if isinstance(items, list) else []
    identifiers = [item.get(name) for item in items if isinstance(item, dict)]
    for identifier, count in Counter(each for each in identifiers if isinstance(each, str)).items():
        if count > 1:
            yield f"{name} {identifier} is there {count} times"


def _each(items: Any, most: int, check: Callable[[Any], Mistakes]) -> Mistakes:
    if not isinstance(items, list) or not items:
        yield "a list of elements is missing or empty"
        return
    if len(items) > most:
        yield f"{len(items)} elements, of at most {most}"
    for item in items:
        yield from check(item)
