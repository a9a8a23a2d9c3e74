from importlib.util import cache_from_source
from pathlib import Path

import pytest

from local.agent.image import assemble, instructions, read_environment

DOCKERFILE = r"""
# syntax=docker/dockerfile:1
FROM python:3.11-slim AS build
COPY requirements.txt .
RUN pip install -r requirements.txt

FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
COPY --from=build /venv /venv
WORKDIR /app
COPY --chown=worker:worker container/worker/ worker/
COPY ["regions/java.json", "/app/regions/"]
COPY container/one.txt container/two.txt ./texts/
COPY entrypoint.sh /usr/local/bin/entrypoint.sh
RUN python -m compileall -q /app/worker /usr/local/lib
USER worker
ENTRYPOINT ["python", "-m", "worker"]
"""


@pytest.fixture
def context(tmp_path: Path) -> Path:
    files = {
        "Dockerfile": DOCKERFILE,
        "container/worker/__main__.py": "print('worker')",
        "container/worker/reports/page.html": "<p>",
        "container/worker/__pycache__/x.pyc": "",
        "container/one.txt": "1",
        "container/two.txt": "2",
        "regions/java.json": "[]",
        "entrypoint.sh": "",
    }
    for name, text in files.items():
        path = tmp_path / "context" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "context"


def test_the_working_directory_is_laid_out_as_the_dockerfile_says(context: Path, tmp_path: Path) -> None:
    image = tmp_path / "image"

    assemble(context / "Dockerfile", context, image)

    files = [path for path in image.rglob("*") if path.is_file()]
    assert sorted(str(path.relative_to(image)) for path in files if path.suffix != ".pyc") == [
        "regions/java.json",
        "texts/one.txt",
        "texts/two.txt",
        "worker/__main__.py",
        "worker/reports/page.html",
    ]


def test_files_that_the_dockerfile_compiles_are_compiled_once_in_the_image(
    context: Path, tmp_path: Path
) -> None:
    image = tmp_path / "image"

    assemble(context / "Dockerfile", context, image)

    (compiled,) = image.rglob("*.pyc")
    assert compiled == Path(cache_from_source(image / "worker" / "__main__.py"))


def test_the_images_environment_is_kept_beside_it(context: Path, tmp_path: Path) -> None:
    assemble(context / "Dockerfile", context, tmp_path / "image")

    assert read_environment(tmp_path / "image") == {"PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    assert read_environment(context) == {}


def test_assembling_again_leaves_nothing_of_before(context: Path, tmp_path: Path) -> None:
    image = tmp_path / "image"
    assemble(context / "Dockerfile", context, image)
    (image / "stale.py").write_text("")

    assemble(context / "Dockerfile", context, image)

    assert not (image / "stale.py").exists()


def test_a_file_that_the_context_lacks_is_named(context: Path, tmp_path: Path) -> None:
    (context / "regions/java.json").unlink()

    with pytest.raises(
        FileNotFoundError, match=r"COPY regions/java\.json: the build context .* has no such file"
    ):
        assemble(context / "Dockerfile", context, tmp_path / "image")


def test_only_the_last_stage_counts() -> None:
    names = [name for name, _ in instructions(DOCKERFILE)]

    assert names == ["ENV", "COPY", "WORKDIR", "COPY", "COPY", "COPY", "COPY", "RUN", "USER", "ENTRYPOINT"]


def test_the_image_contains_the_files_of_the_base_image_s_working_directory(
    context: Path, tmp_path: Path
) -> None:
    base, image = tmp_path / "base", tmp_path / "image"
    for name in ("program.py", "worker/__main__.py", "src/parts.py"):
        (base / name).parent.mkdir(parents=True, exist_ok=True)
        (base / name).write_text("of the base")
    assemble(context / "Dockerfile", context, image, base=base)
    assert (image / "program.py").read_text() == (image / "src" / "parts.py").read_text() == "of the base"
    assert (image / "worker" / "__main__.py").read_text() == "print('worker')"
