"""Text wrapped to the width of a picture, by estimated widths: an SVG cannot measure text in the reader's browser."""

from collections.abc import Iterator

# In thousandths of the font size, for DejaVu Sans, the widest of the fonts in the pictures.
_WIDTHS = {
    **dict.fromkeys("'", 275),
    **dict.fromkeys("ijl|", 290),
    **dict.fromkeys(" .,:;/!\\I", 350),
    **dict.fromkeys('()[]ft-"', 400),
    **dict.fromkeys("r`", 420),
    **dict.fromkeys("_*?csz", 550),
    **dict.fromkeys("&%=<>+#~^w", 840),
    **dict.fromkeys("mM@WQ…", 1000),
}
_LOWER, _UPPER = 640, 780
_MONO, _BOLD = 603, 1.13


def width(text: str, size: float, *, mono: bool = False, bold: bool = False) -> float:
    """Return the width of a text in pixels, in the widest font."""
    if mono:
        return len(text) * _MONO * size / 1000
    units = sum(_WIDTHS.get(letter, _UPPER if letter.isupper() else _LOWER) for letter in text)
    return units * size / 1000 * (_BOLD if bold else 1)


def wrapped(text: str, most: float, size: float, *, mono: bool = False, bold: bool = False) -> list[str]:
    """Return a paragraph as lines of at most `most` pixels; a longer word, e.g. a URL, is split."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if width(longer, size, mono=mono, bold=bold) <= most:
            lines[-1] = longer
            continue
        pieces = list(_pieces(word, most, size, mono=mono, bold=bold))
        lines = [*lines, *pieces] if lines[-1] else [*lines[:-1], *pieces]
    return lines


def _pieces(word: str, most: float, size: float, *, mono: bool, bold: bool) -> Iterator[str]:
    piece = ""
    for letter in word:
        if piece and width(piece + letter, size, mono=mono, bold=bold) > most:
            yield piece
            piece = ""
        piece += letter
    yield piece
