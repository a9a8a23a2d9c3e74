"""The work of one run in a plain loop, without orchestration, retries or checkpoints.

Run it as a script: `python bench/plain_loop.py FOLDER CATALOG SECONDS [PART PARTS]`. It writes a report for each
region of the catalog, or of one of its parts, to the folder, and simulates SECONDS of fetching imagery for each region.
"""

import sys
from pathlib import Path

from worker.catalog import read_catalog
from worker.workloads import Job, Succeeded
from worker.workloads.sample import SampleWorkload


class Folder:
    """A folder with the methods of a bucket that the sample's caches need."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def keys(self, prefix: str) -> list[str]:
        """Return the keys below a folder."""
        return [f"{prefix}{path.name}" for path in (self._path / prefix).glob("*")]

    def read(self, key: str) -> bytes | None:
        """Return the content of a key, or None."""
        path = self._path / key
        return path.read_bytes() if path.exists() else None

    def write(self, key: str, body: bytes, _content_type: str) -> None:
        """Write the content of a key."""
        path = self._path / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)

    write_new = write


def main(folder: Path, catalog_name: str, seconds_per_region: float, part: int = 0, parts: int = 1) -> None:
    """Process every region of a part, and write its report."""
    store = Folder(folder)
    catalog = read_catalog(catalog_name)
    job = Job(
        run_id="2026-W48",
        period="2026-W48",
        regions=list(catalog.regions[part::parts]),
        catalog=catalog,
        enable_scraping=True,
        force_refresh=False,
        cache=store,  # type: ignore[arg-type]
    )
    workload = SampleWorkload(seconds_per_region=seconds_per_region)
    for outcome in workload.outcomes(job, lambda: None):
        if not isinstance(outcome, Succeeded) or not isinstance(outcome.report, bytes):
            raise SystemExit(f"{outcome.region.name} failed")
        store.write(f"{outcome.region.name}.pdf", outcome.report, "application/pdf")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]), *map(int, sys.argv[4:]))
