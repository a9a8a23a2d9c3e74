"""Allowed imports: each part of the checkout imports only the parts in its line below."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.stacks import ROOT

# The parts of the checkout that a folder's files may import; the first matching line applies.
SETTINGS = ("components.settings",)
ARROWS: list[tuple[str, tuple[str, ...]]] = [
    ("components/settings/**/*.py", SETTINGS),
    # A machine adds up the cost of its run, and the cost estimate counts its expected path.
    ("components/machines/**/*.py", (*SETTINGS, "components.machines", "components.cost.run_cost")),
    ("components/cost/**/*.py", (*SETTINGS, "components.machines", "components.cost")),
    # The machines publish the metrics of a stack.
    ("components/metrics/**/*.py", (*SETTINGS, "components.machines", "components.metrics")),
    (
        "components/resources/**/*.py",
        (*SETTINGS, "components.machines", "components.cost", "components.metrics", "components.resources"),
    ),
    ("components/*.py", ("components",)),
    ("__main__.py", ("components.configuration", "components.pipeline")),
    ("docs/catalog_schema.py", ("worker.catalog",)),
    ("docs/operations_page.py", ("cli",)),
    ("docs/scale/page.py", ("cli.runs.child_executions", "components", "docs", "guardrails", "reporter")),
    # The template embeds the document of the reporter.
    ("dashboard/**/*.py", ("dashboard", "reporter.dashboard")),
    ("docs/**/*.py", ("components", "dashboard", "docs", "guardrails", "reporter")),
    ("container/worker/**/*.py", ("worker",)),
    ("policies/**/*.py", ("guardrails",)),
    # The operator's command line reads outputs, and shares the words of messages, checks and prices.
    ("cli/**/*.py", ("cli", "components.settings", "guardrails", "local", "reporter", "worker")),
    # The folder is the Lambda function's whole archive.
    ("reporter/**/*.py", ("reporter",)),
    # The local AWS must answer from requests alone, like the real one, without knowledge of the pipeline.
    ("local/run/**/*.py", ("local", "components.settings", "components.stack_file")),
    ("local/policy/**/*.py", ("local", "components.settings")),
    # It evaluates policies as the guardrails do: IAM has one evaluation, and it knows nothing of the pipeline.
    ("local/emulator/authorization/**/*.py", ("local", "guardrails.iam")),
    ("local/**/*.py", ("local",)),
]

OURS = {
    "cli",
    "components",
    "container",
    "dashboard",
    "docs",
    "guardrails",
    "local",
    "policies",
    "reporter",
    "tests",
    "worker",
}

# The files that describe the pipeline without creating anything.
PURE_FILES = [
    *(f"components/{room}/**/*.py" for room in ("settings", "machines", "cost", "metrics")),
    *(f"components/resources/{name}.py" for name in ("alarms", "dashboard", "iam", "log_queries", "widgets")),
    "components/resources/reporter_settings.py",
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


def forbidden(file: str, allowed: tuple[str, ...]) -> Iterator[str]:
    """Yield each import of a file from a part of the checkout that it may not import."""
    for name in imports_of(ROOT / file):
        is_allowed = any(name == part or name.startswith(f"{part}.") for part in allowed)
        if name.partition(".")[0] in OURS and not is_allowed:
            yield f"{file} imports {name}"


def test_each_file_imports_only_its_allowed_parts() -> None:
    assert [found for file, allowed in ours() for found in forbidden(file, allowed)] == []


def test_an_import_that_is_not_allowed_is_found() -> None:
    assert list(forbidden("components/pipeline.py", ()))
    assert not list(forbidden("components/pipeline.py", ("components",)))


def test_pure_files_cannot_create_anything() -> None:
    pure = [path for glob in PURE_FILES for path in ROOT.glob(glob)]
    assert pure
    assert [
        str(path) for path in pure if CREATORS & {name.partition(".")[0] for name in imports_of(path)}
    ] == []


def test_the_reporter_needs_no_package() -> None:
    for path in ROOT.glob("reporter/**/*.py"):
        roots = {name.partition(".")[0] for name in imports_of(path)} - {"boto3", "botocore", "reporter"}
        # Imports of types are for the type checker only.
        stubs = {name for name in roots if name.startswith("mypy_boto3_")}
        assert roots - stubs <= sys.stdlib_module_names, path


def test_every_file_of_the_checkout_has_its_line() -> None:
    folders = ("cli", "components", "container", "dashboard", "docs", "local", "policies", "reporter")
    found = {str(path.relative_to(ROOT)) for folder in folders for path in ROOT.glob(f"{folder}/**/*.py")}
    assert found <= {file for file, _ in ours()}
