"""The generated files, each with the function that returns its text."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from dashboard import template as dashboard_template
from docs import (
    catalog_schema,
    conformance,
    operations_page,
    outputs_page,
    policies_page,
    security_page,
    settings_page,
    stack_file_schema,
    state_machine_page,
    unit_prices,
)
from docs.cost import page as cost_page
from docs.cost import picture as cost_picture
from docs.dashboard import picture as dashboard_picture
from docs.deployer import page as deploy_page
from docs.faults import page as faults_page
from docs.metrics import page as metrics_page
from docs.notifications import page as notifications_page
from docs.notifications import pictures as message_pictures
from docs.notifications.drawing import THEMES
from docs.scale import page as scale_page
from docs.scale import picture as scale_picture

ROOT = Path(__file__).parents[1]

GENERATED: Mapping[str, Callable[[], str]] = {
    "components/cost/unit_prices.json": unit_prices.page,
    "docs/cost.md": cost_page.page,
    **{f"docs/cost/month-{kind}.svg": partial(cost_picture.drawn, kind) for kind in cost_picture.INKS},
    **{f"docs/dashboard/local-{theme}.svg": partial(dashboard_picture.drawn, theme) for theme in THEMES},
    "docs/deploy.md": deploy_page.page,
    **{
        f"docs/deployer/{kind}-{number}.json": partial(deploy_page.policy_file, kind, number)
        for kind, count in deploy_page.COUNTS.items()
        for number in range(1, count + 1)
    },
    "docs/faults.md": faults_page.page,
    "docs/guide-conformance.md": conformance.page,
    "docs/metrics.md": metrics_page.page,
    "docs/notifications.md": notifications_page.page,
    **dict(message_pictures.files()),
    "docs/operations.md": operations_page.page,
    "docs/outputs.md": outputs_page.page,
    "docs/policies.md": policies_page.page,
    "docs/scale.md": scale_page.page,
    **{f"docs/scale/duration-{kind}.svg": partial(scale_picture.drawn, kind) for kind in cost_picture.INKS},
    "docs/security.md": security_page.page,
    "docs/settings.md": settings_page.page,
    "docs/state-machine.md": state_machine_page.page,
    "policies/limits.schema.json": policies_page.limits_schema,
    "reporter/dashboard/page.html": dashboard_template.template,
    "schemas/catalog.json": catalog_schema.page,
    "schemas/outputs.json": outputs_page.schema_file,
    "schemas/stack-file.json": stack_file_schema.page,
}


def write() -> None:
    """Write every generated file; all texts are generated first, so that an error leaves the files unchanged."""
    made = {name: make() for name, make in GENERATED.items()}
    for name, text in made.items():
        (ROOT / name).write_text(text, encoding="utf-8")
