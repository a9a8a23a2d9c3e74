"""The image's recipe, as far as it can be followed without Docker."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest

from components.resources.task_definition import ENTRY_POINT
from tests.container.catalogs import NAMES
from tests.stacks import CATALOG_NAME

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "container" / "Dockerfile").read_text()
COPIES = [line.split()[1:] for line in DOCKERFILE.splitlines() if re.match(r"COPY (?!--from)", line)]
STEPS = re.findall(r"^RUN ((?:.*\\\n)*.*)$", DOCKERFILE, re.MULTILINE)
VARIABLES = [
    dict(word.split("=") for word in words.replace("\\", "").split())
    for words in re.findall(r"^ENV ((?:.*\\\n)*.*)$", DOCKERFILE, re.MULTILINE)
]
PYTHON_VERSION = re.findall(r"uv python install --no-bin (\S+)", DOCKERFILE)[0]
UV = Path(sys.executable).with_name("uv")


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """Make the folder that the COPY lines below /app make."""
    for source, target in COPIES:
        if target.startswith("/app/"):
            shutil.copytree(
                ROOT / source,
                tmp_path / target.removeprefix("/"),
                ignore=shutil.ignore_patterns("__pycache__"),
            )
    return tmp_path / "app"


def test_the_worker_runs_from_the_image_s_folders_alone(image: Path) -> None:
    script = (
        "from worker.catalog import read_catalog; import worker; "
        f"print(len(read_catalog({CATALOG_NAME!r}).regions), worker.__file__)"
    )
    shown = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, '.'); {script}"],
        cwd=image,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert shown.split() == [str(len(NAMES)), str(image / "worker" / "__init__.py")]


def test_the_context_holds_all_that_is_copied() -> None:
    patterns = (ROOT / ".dockerignore").read_text().split()
    let_in = {pattern.removeprefix("!") for pattern in patterns if pattern.startswith("!")}
    assert {source for source, _ in COPIES} == let_in


def test_it_runs_as_an_unprivileged_user_and_writes_only_to_volumes() -> None:
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


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in place of the root of an image, with every step of the recipe done.

    Only no Python is downloaded: that of the tests is in the place of the worker's.
    """
    root = tmp_path_factory.mktemp("root")
    (root / "tmp").mkdir()
    for source, target in COPIES:
        copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copy
        copy(ROOT / source, below(root, target))
    variables = {name: below(root, value) for name, value in VARIABLES[0].items() if name != "UV_NO_CACHE"}
    for step in STEPS:
        here = below(root, step).replace(f"uv python install --no-bin {PYTHON_VERSION}", "true")
        here = here.replace(f"--managed-python --python {PYTHON_VERSION}", f"--python {sys.executable}")
        if os.geteuid() != 0:
            here = here.replace("--owner 10001 --group 10001 ", "")
        ran = subprocess.run(
            ["sh", "-ec", here],
            env={**os.environ, **variables, "PATH": f"{UV.parent}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            check=False,
        )
        if "error sending request" in ran.stderr:
            pytest.skip("the package index cannot be reached")
        assert ran.returncode == 0, ran.stderr
    return root


def below(root: Path, text: str) -> str:
    return re.sub(r"(?<=[\s=])/(?=tmp|opt|app|home)|^/", f"{root}/", text)


def test_the_steps_of_the_recipe_set_folder_permissions_and_compile_the_modules(built: Path) -> None:
    assert len(STEPS) == 3
    assert (built / "home" / "worker").stat().st_mode & 0o777 == 0o700
    assert (built / "tmp").stat().st_mode & 0o7777 == 0o1777
    assert list((built / "app" / "worker").rglob("*.pyc"))
    (installed,) = (built / "opt" / "worker" / "venv" / "lib").glob("python3.*/site-packages")
    assert list((installed / "pydantic").rglob("*.pyc"))


def entry(root: Path, *arguments: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Start what a container starts, in the image's working directory."""
    return subprocess.run(
        [below(root, ENTRY_POINT[0]), *ENTRY_POINT[1:-2], *arguments],
        cwd=root / "app",
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_task_definition_starts_the_image_as_it_starts_itself() -> None:
    (instruction,) = re.findall(r"^ENTRYPOINT (.*)$", DOCKERFILE, re.MULTILINE)
    assert json.loads(instruction) == ENTRY_POINT


def test_the_worker_takes_neither_the_python_nor_the_packages_of_its_base(
    built: Path, base: Path, tmp_path: Path
) -> None:
    (tmp_path / "botocore.py").write_text("raise ImportError('of the program, for another Python')")
    environment = {"PATH": str(base), "PYTHONPATH": str(tmp_path), "PYTHONHOME": str(base.parent)}
    shown = entry(built, *ENTRY_POINT[-2:], "--help", environment=environment)
    assert "{validate,monitor,summarize}" in shown.stdout, shown.stderr
    running = entry(built, "-c", "import sys; print(sys.prefix)", environment=environment).stdout
    assert running.strip() == str(built / "opt" / "worker" / "venv")


def test_the_worker_leaves_nothing_of_its_python_to_the_program() -> None:
    _, image = VARIABLES
    assert image == {"HOME": "/home/worker"}


def test_the_workers_python_is_to_be_had_for_either_architecture() -> None:
    listed = subprocess.run(
        [str(UV), *("--offline", "python", "list", "--only-downloads", "--all-arches", PYTHON_VERSION)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for architecture in ("x86_64", "aarch64"):
        assert f"cpython-{PYTHON_VERSION}-linux-{architecture}-gnu " in listed


def test_downloads_of_the_image_are_pinned() -> None:
    (fetched,) = re.findall(r"^COPY --from=(\S+/\S+)", DOCKERFILE, re.MULTILINE)
    assert re.fullmatch(r"\S+:\d+\.\d+\.\d+@sha256:[0-9a-f]{64}", fetched)
    assert re.fullmatch(r"3\.\d+\.\d+", PYTHON_VERSION)
    assert "--require-hashes" in DOCKERFILE


def test_a_linter_finds_nothing_wrong_with_the_recipe() -> None:
    linter = Path(sys.executable).with_name("hadolint")
    linted = subprocess.run(
        [str(linter), "container/Dockerfile"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (linted.returncode, linted.stdout) == (0, "")
