"""Writes which tools ask what the policy pack asks, and what is better had from them, as a table."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).with_name("other_policies.toml")

_HEAD = """
## Other tools

What checkov, cdk-nag, Security Hub and Control Tower check of the same resources. Run one of them beside this pack for
what is *better had there*; none of them tells how long a state machine can run, what its retries add up to, whether its
parts name each other, or whether an alarm can ever fire.

| asked | here | checkov | cdk-nag | Security Hub | Control Tower |
|---|---|---|---|---|---|"""


@dataclass(frozen=True, kw_only=True)
class Row:
    """Something that is asked, the rule of this pack that asks it, and the ids by which other tools do."""

    asks: str
    rule: str = ""
    checkov: Sequence[str] = ()
    cdk_nag: Sequence[str] = ()
    security_hub: Sequence[str] = ()
    control_tower: Sequence[str] = ()


def read() -> list[Row]:
    """Return what other_policies.toml says."""
    return [Row(**row) for row in tomllib.loads(SOURCE.read_text(encoding="utf-8"))["row"]]


def section() -> str:
    """Return the section of the page that compares them."""
    return "\n".join([_HEAD, *map(_line, read())])


def _line(row: Row) -> str:
    here = f"[{row.rule}](#{row.rule})" if row.rule else "*better had there*"
    ids = [", ".join(of_tool) for of_tool in (row.checkov, row.cdk_nag, row.security_hub, row.control_tower)]
    return f"| {' | '.join([row.asks, here, *ids])} |"
