"""The comparison of the policy pack with other tools: who checks the same, and what other tools check better."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).with_name("other_policies.toml")

_HEAD = """
## Other tools

The checks of checkov, cdk-nag, Security Hub and Control Tower for the same resources. Run one of them in addition to
this pack for the checks marked *other tools*. None of them checks the running time of a state machine, the sum of its
retries, the references between its parts, or whether an alarm can fire.

| check | here | checkov | cdk-nag | Security Hub | Control Tower |
|---|---|---|---|---|---|"""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A check, the rule of this pack that makes it, and the ids of the same check in other tools."""

    asks: str
    rule: str = ""
    checkov: Sequence[str] = ()
    cdk_nag: Sequence[str] = ()
    security_hub: Sequence[str] = ()
    control_tower: Sequence[str] = ()


def read() -> list[Row]:
    """Return the rows of other_policies.toml."""
    return [Row(**row) for row in tomllib.loads(SOURCE.read_text(encoding="utf-8"))["row"]]


def section() -> str:
    """Return the section of the page with the comparison."""
    return "\n".join([_HEAD, *map(_line, read())])


def _line(row: Row) -> str:
    here = f"[{row.rule}](#{row.rule})" if row.rule else "*other tools*"
    ids = [", ".join(of_tool) for of_tool in (row.checkov, row.cdk_nag, row.security_hub, row.control_tower)]
    return f"| {' | '.join([row.asks, here, *ids])} |"
