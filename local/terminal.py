r"""Escaping of untrusted text for a terminal: characters that control the terminal, or reorder or hide text, are shown.

Each such character is written as `\u001b`. `guardrails/visible.py` holds the same code, as the pack ships alone.
"""

import re

# Unicode's Cc but for line feed and tab, Zl, Zp, Cs, and Cf but for the two joiners that emoji and scripts need.
# Bidirectional marks: https://www.unicode.org/reports/tr9/, "Trojan Source": https://trojansource.codes
_UNSAFE = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\xad\u0600-\u0605\u061c\u06dd\u070f\u180e\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)


def visible(text: str) -> str:
    r"""Return a text with its unsafe characters escaped; lines and tabs stay.

    >>> visible("\x1b[2Jdone")
    '\\u001b[2Jdone'
    """
    return _UNSAFE.sub(_escaped, text.replace("\r\n", "\n"))


def _escaped(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
