"""The image's recipe, as far as it can be followed without Docker."""

import ast
import os
import re
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "container" / "Dockerfile").read_text()
COPIES = [line.split()[1:] for line in DOCKERFILE.splitlines() if re.match(r"COPY (?!--from)", line)]


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """What the COPY lines below /app make."""
    for source, target in COPIES:
        if target.startswith("/app/"):
            shutil.copytree(
                ROOT / source,
                tmp_path / target.removeprefix("/"),
                ignore=shutil.ignore_patterns("__pycache__"),
            )
    return tmp_path / "app"


def test_the_worker_runs_from_the_image_s_folders_alone(image: Path) -> None:
    script = "from worker.catalog import regions; import worker, sys; print(len(regions()), worker.__file__)"
    shown = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, '.'); {script}"],
        cwd=image,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert shown.split() == ["29", str(image / "worker" / "__init__.py")]


def test_the_entry_point_is_there(image: Path) -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "worker", "--help"], cwd=image, capture_output=True, text=True, check=True
    ).stdout
    assert "{validate,monitor}" in shown


def test_the_context_holds_all_that_is_copied() -> None:
    patterns = (ROOT / ".dockerignore").read_text().split()
    let_in = {pattern.removeprefix("!") for pattern in patterns if pattern.startswith("!")}
    assert {source for source, _ in COPIES} == let_in


def test_it_runs_as_nobody_special_and_writes_only_to_volumes() -> None:
    stage = DOCKERFILE.rpartition("FROM ")[2]
    assert re.findall(r"^USER (.*)$", stage, re.MULTILINE)[-1] == "10001:10001"
    assert 'VOLUME ["/tmp", "/home/worker"]' in stage
    assert stage.index("--owner 10001 --group 10001 /home/worker") < stage.index("VOLUME")
    assert "HOME=/home/worker" in stage


def test_both_stages_stand_on_the_base_that_was_chosen() -> None:
    assert re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE) == ["${BASE_IMAGE}", "${BASE_IMAGE}"]


def test_everything_that_the_worker_imports_is_in_the_image() -> None:
    names = {"PIL": "pillow"}
    lock = (ROOT / "container" / "requirements.txt").read_text()
    locked = set(re.findall(r"^([\w.-]+)==", lock, re.MULTILINE))
    for file in (ROOT / "container" / "worker").rglob("*.py"):
        for name in _imported(ast.parse(file.read_text())):
            top = name.split(".")[0]
            known = top == "worker" or top in sys.stdlib_module_names or names.get(top, top) in locked
            assert known or fnmatch(top, "mypy_boto3_*"), f"{file.name} imports {name}"


def _imported(tree: ast.AST) -> set[str]:
    modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return modules | {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


STEPS = re.findall(r"^RUN ((?:.*\\\n)*.*)$", DOCKERFILE, re.MULTILINE)


@pytest.mark.parametrize("step", STEPS)
def test_each_step_of_the_recipe_does_what_it_says(step: str, image: Path) -> None:
    """It runs below a folder in place of the root of an image, as the Python that runs the tests."""
    root = image.parent
    (root / "tmp").mkdir()
    shutil.copy(ROOT / "container" / "requirements.txt", root / "tmp")
    if "pip install" in step:
        # What is asked for and locked is there; only the download is left out.
        step = step.replace("pip install", "pip install --dry-run --no-deps --quiet")
        (root / "packages").mkdir()
    if os.geteuid() != 0:
        step = step.replace("--owner 10001 --group 10001 ", "")
    below = re.sub(r"(?<=\s)/(?=tmp|packages|app|home)", f"{root}/", step)
    ran = subprocess.run(
        ["sh", "-ec", below],
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    if "pip install" in step and "No matching distribution" in ran.stderr:
        pytest.skip("the package index cannot be reached")
    assert ran.returncode == 0, ran.stderr
    if "/home/worker" in step:
        assert (root / "home" / "worker").stat().st_mode & 0o777 == 0o700
        assert (root / "tmp").stat().st_mode & 0o7777 == 0o1777
    if "/app/worker" in step:
        assert list((image / "worker").rglob("*.pyc"))


def test_a_linter_finds_nothing_wrong_with_the_recipe() -> None:
    linter = Path(sys.executable).with_name("hadolint")
    linted = subprocess.run(
        [str(linter), "container/Dockerfile"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (linted.returncode, linted.stdout) == (0, "")
