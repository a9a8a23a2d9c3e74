"""The plain loop runs as a script, beside modules whose names could hide those of Python."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.stacks import REGION_NAMES, ROOT


def test_each_part_of_a_catalog_is_processed_by_one_process(tmp_path: Path) -> None:
    catalog = json.loads((ROOT / "regions" / "java.json").read_text(encoding="utf-8"))
    (tmp_path / "regions").mkdir()
    few = json.dumps({**catalog, "regions": catalog["regions"][:3]})
    (tmp_path / "regions" / "few.json").write_text(few, encoding="utf-8")
    (tmp_path / "regions" / "few.coast.json").symlink_to(ROOT / "regions" / "java.coast.json")

    for part in ("0", "1"):
        loop = [
            sys.executable,
            str(ROOT / "bench" / "plain_loop.py"),
            str(tmp_path / part),
            "few",
            "0",
            part,
            "2",
        ]
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "container")}
        subprocess.run(loop, cwd=tmp_path, env=environment, check=True)

    first, second, third = (f"{name}.pdf" for name in REGION_NAMES[:3])
    assert sorted(path.name for path in (tmp_path / "0").glob("*.pdf")) == sorted([first, third])
    assert [path.name for path in (tmp_path / "1").glob("*.pdf")] == [second]
