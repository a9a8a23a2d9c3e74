"""Allowed imports: each part of the checkout imports only the parts in its line below."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stacks import ROOT

# The parts of the checkout that a folder's files may import; the first matching line applies.
SETTINGS = ("components.settings",)
PURE = (*SETTINGS, "components.asl", "components.expressions", "components.failures", "components.names")
MACHINES = (
    *PURE,
    "components.claims",
    "components.integrations",
    "components.cost.run_cost",
    "components.reporting",
    "components.run_name",
    "components.stalled_workers",
    "components.subscriptions",
)
ARROWS: list[tuple[str, tuple[str, ...]]] = [
    ("components/settings/*.py", SETTINGS),
    ("components/asl.py", SETTINGS),
    ("components/failures.py", ()),
    ("components/names.py", SETTINGS),
    ("components/iam.py", ("components.asl",)),
    ("components/integrations.py", PURE),
    ("components/expressions/*.py", ()),
    ("components/reporting.py", (*PURE, "components.integrations")),
    ("components/claims.py", (*PURE, "components.integrations")),
    ("components/stalled_workers.py", (*PURE, "components.integrations")),
    ("components/subscriptions.py", (*PURE, "components.integrations")),
    ("components/run_name.py", (*SETTINGS, "components.expressions")),
    ("components/next_starts.py", SETTINGS),
    ("components/cost/__init__.py", ()),
    ("components/cost/unit_prices.py", (*SETTINGS, "components.cost.good_run")),
    ("components/cost/run_cost.py", (*SETTINGS, "components.cost.unit_prices")),
    ("components/cost/uses.py", SETTINGS),
    (
        "components/cost/good_run.py",
        (*SETTINGS, "components.asl", "components.cost.uses"),
    ),
    (
        "components/cost/expected.py",
        (
            *MACHINES,
            "components.cost.good_run",
            "components.steps",
            "components.cost.uses",
            "components.watch",
        ),
    ),
    ("components/steps.py", ()),
    ("components/summarize.py", (*PURE, "components.integrations")),
    ("components/ending.py", (*MACHINES, "components.steps")),
    (
        "components/how_far.py",
        (*PURE, "components.integrations", "components.steps", "components.summarize"),
    ),
    ("components/watch.py", (*MACHINES, "components.cost.unit_prices", "components.how_far")),
    (
        "components/workflow.py",
        (*MACHINES, "components.ending", "components.steps", "components.summarize"),
    ),
    ("components/*.py", ("components",)),
    ("__main__.py", ("components.configuration", "components.pipeline")),
    ("docs/catalog_schema.py", ("worker.catalog",)),
    ("docs/**/*.py", ("components", "docs", "guardrails", "reporter")),
    ("container/worker/**/*.py", ("worker",)),
    ("policies/**/*.py", ("guardrails",)),
    ("lambdas/**/*.py", ()),
    # The folder is the Lambda function's whole archive.
    ("reporter/**/*.py", ("reporter",)),
    # The local AWS must answer from requests alone, like the real one, without knowledge of the pipeline.
    ("local/run/**/*.py", ("local", "components.settings", "components.stack_file")),
    ("local/**/*.py", ("local",)),
]

OURS = {
    "components",
    "container",
    "docs",
    "guardrails",
    "lambdas",
    "local",
    "policies",
    "reporter",
    "tests",
    "worker",
}

# Modules that describe the pipeline without creating resources.
PURE_FILES = [
    "components/settings/*.py",
    "components/cost/*.py",
    "components/expressions/*.py",
    *(
        f"components/{name}.py"
        for name in (
            "asl",
            "claims",
            "ending",
            "failures",
            "how_far",
            "iam",
            "integrations",
            "names",
            "next_starts",
            "reporter_settings",
            "reporting",
            "run_name",
            "stalled_workers",
            "steps",
            "summarize",
            "watch",
            "workflow",
        )
    ),
]
CREATORS = {"pulumi", "pulumi_aws", "boto3", "botocore"}


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports by dots; write the whole name"
            # `from components import failures` imports a module, not the package.
            whole = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name if is_module(name) else str(node.module) for name in whole)


def is_module(name: str) -> bool:
    path = Path(*name.split("."))
    return any(
        (ROOT / base / path).with_suffix(".py").exists() or (ROOT / base / path).is_dir()
        for base in ("", "container", "policies")
    )


def ours() -> list[tuple[str, tuple[str, ...]]]:
    first: dict[str, tuple[str, ...]] = {}
    for pattern, allowed in ARROWS:
        for path in sorted(ROOT.glob(pattern)):
            first.setdefault(str(path.relative_to(ROOT)), allowed)
    return list(first.items())


@pytest.mark.parametrize(("file", "allowed"), ours())
def test_a_file_imports_only_what_it_may_know(file: str, allowed: tuple[str, ...]) -> None:
    for name in imports_of(ROOT / file):
        if name.partition(".")[0] in OURS:
            assert any(name == part or name.startswith(f"{part}.") for part in allowed), name


@pytest.mark.parametrize(
    "file", [str(path.relative_to(ROOT)) for glob in PURE_FILES for path in ROOT.glob(glob)]
)
def test_what_is_pure_cannot_create_anything(file: str) -> None:
    assert not CREATORS & {name.partition(".")[0] for name in imports_of(ROOT / file)}


def test_a_notifier_needs_no_package() -> None:
    for path in ROOT.glob("lambdas/**/*.py"):
        roots = {name.partition(".")[0] for name in imports_of(path)} - {"boto3", "botocore", "lambdas"}
        assert roots <= sys.stdlib_module_names, path


def test_the_reporter_needs_no_package() -> None:
    for path in ROOT.glob("reporter/**/*.py"):
        roots = {name.partition(".")[0] for name in imports_of(path)} - {"boto3", "botocore", "reporter"}
        # Imports of types are for the type checker only.
        stubs = {name for name in roots if name.startswith("mypy_boto3_")}
        assert roots - stubs <= sys.stdlib_module_names, path


def test_every_file_of_the_checkout_has_its_line() -> None:
    folders = ("components", "container", "docs", "lambdas", "local", "policies", "reporter")
    found = {str(path.relative_to(ROOT)) for folder in folders for path in ROOT.glob(f"{folder}/**/*.py")}
    assert found <= {file for file, _ in ours()}
