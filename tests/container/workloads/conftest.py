import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.container.programs import Program, copied, planned, put_secret
from worker.s3 import Bucket


@pytest.fixture
def program(
    tmp_path: Path, reports: Bucket, cache: Bucket, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Program]:
    """The program in a folder of its own, its run planned; nothing of it may be left behind."""
    planned(cache)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    made = Program(
        copied(tmp_path / "java_monitor"), scratch, put_secret(f"gee-{uuid4().hex}"), reports, cache
    )
    yield made
    assert made.processes() == []
    assert made.left() == []
