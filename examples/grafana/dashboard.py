"""Prints a Grafana dashboard for stacks, from their outputs.

pulumi stack output --json | python dashboard.py > ccapi.json
python dashboard.py dev.json prod.json > ccapi.json
"""

import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from grafana_foundation_sdk.builders.dashboard import Dashboard, DashboardLink, DatasourceVariable, Row
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard as models
from panels import panels
from queries import Stack

CONTRACT = "1"
"""The major version of the outputs that this program was written for."""


def dashboard(documents: Sequence[Mapping[str, Any]]) -> models.Dashboard:
    """Return the dashboard of stacks, with a row for each; a document has the outputs of one."""
    machines = [outputs["step_functions_state_machine_arn"] for outputs in documents]
    accounts = [arn.split(":")[4] for arn in machines]
    is_cross_account = len(set(accounts)) > 1
    stacks = [
        Stack(outputs, account if is_cross_account else None)
        for outputs, account in zip(documents, accounts, strict=True)
    ]
    # The same stacks have the same dashboard, so that importing it again replaces it.
    digest = hashlib.sha256("\n".join(machines).encode()).hexdigest()[:12]
    builder = (
        Dashboard(", ".join(stack.title for stack in stacks))
        .uid(f"ccapi-{digest}")
        .tags(["ccapi"])
        .time("now-90d", "now")
        .timezone("browser")
        .refresh("5m")
        .with_variable(DatasourceVariable("datasource").label("CloudWatch").type("cloudwatch"))
    )
    for stack in stacks:
        builder = builder.with_row(Row(stack.title)).link(_console(stack))
        for panel in panels(stack):
            builder = builder.with_panel(panel)
    built = builder.build()
    for number, panel in enumerate(built.panels or [], start=1):
        panel.id_val = number
    return built


def _console(stack: Stack) -> DashboardLink:
    link = DashboardLink(f"{stack.title} in CloudWatch").type(models.DashboardLinkType.LINK)
    return link.url(stack.outputs["dashboard_url"]).target_blank(True)


def read(name: str) -> dict[str, Any]:
    """Return the outputs in a file, or on standard input for `-`; exit if they have another major version."""
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
        outputs: Any = json.loads(text)
    except (OSError, ValueError) as error:
        sys.exit(
            f"dashboard.py: {name} has no outputs ({error}); write them with `pulumi stack output --json`"
        )
    if not isinstance(outputs, dict):
        sys.exit(f"dashboard.py: {name} has no outputs; write them with `pulumi stack output --json`")
    version = str(outputs.get("outputs_version", "0.0"))
    if version.partition(".")[0] != CONTRACT:
        sys.exit(
            f"dashboard.py: the outputs in {name} have version {version}, and this program reads version {CONTRACT}; "
            "deploy the stack with a ccapi that has it, or adapt panels.py to docs/outputs.md"
        )
    checked: dict[str, Any] = outputs
    return checked


if __name__ == "__main__":
    documents = [read(name) for name in sys.argv[1:] or ["-"]]
    try:
        built = dashboard(documents)
    except KeyError as error:
        sys.exit(
            f"dashboard.py: the output {error} is missing; adapt queries.py and panels.py to docs/outputs.md"
        )
    # Without a style, the theme is that of the reader.
    content = {key: value for key, value in built.to_json().items() if key != "style"}
    print(json.dumps(content, cls=JSONEncoder, indent=2))
