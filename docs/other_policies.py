"""The section "Other tools" of docs/policies.md: the checks of other policy tools, compared with this pack."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).with_name("other_policies.toml")

_HEAD = """
## Other tools

The checks that checkov, cdk-nag, Security Hub and Control Tower make on the same resources. Run one of them together
with this pack to get the checks marked *other tools only*. None of them checks how long a state machine can run with
all of its retries, whether resources refer to each other correctly, or whether an alarm can go off at all.

| check | rule of this pack | checkov | cdk-nag | Security Hub | Control Tower |
|---|---|---|---|---|---|"""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A check, the rule of this pack that makes it, and the ids of the same check in other tools."""

    check: str
    rule: str = ""
    checkov: Sequence[str] = ()
    cdk_nag: Sequence[str] = ()
    security_hub: Sequence[str] = ()
    control_tower: Sequence[str] = ()


def read() -> list[Row]:
    """Return the rows of other_policies.toml."""
    return [Row(**row) for row in tomllib.loads(SOURCE.read_text(encoding="utf-8"))["row"]]


def section() -> str:
    """Return the section, as Markdown."""
    return "\n".join([_HEAD, *map(_line, read())])


def _line(row: Row) -> str:
    here = f"[{row.rule}](#{row.rule})" if row.rule else "*other tools only*"
    ids = [", ".join(of_tool) for of_tool in (row.checkov, row.cdk_nag, row.security_hub, row.control_tower)]
    return f"| {' | '.join([row.check, here, *ids])} |"
