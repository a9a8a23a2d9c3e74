import json
from pathlib import Path

import pytest

from worker.catalog import CATALOG, regions, title
from worker.errors import ErrorName, WorkerError


def test_the_catalog_has_the_29_regions_of_java_each_once() -> None:
    assert len({region.name for region in regions()}) == 29


def test_regions_come_in_the_order_of_priority_and_then_of_the_file() -> None:
    priorities = [region.priority for region in regions()]
    assert priorities == sorted(priorities)
    assert [region.name for region in regions()[:2]] == ["jakarta_north_sprawl", "jakarta_south_suburbs"]


def test_every_box_lies_on_java_and_has_an_area() -> None:
    for region in regions():
        west, south, east, north = region.bbox
        assert 105 < west < east < 115
        assert -9 < south < north < -5.5


def test_abbreviations_stay_in_capitals() -> None:
    assert title("tangerang_bsd_corridor") == "Tangerang BSD Corridor"


@pytest.mark.parametrize(
    ("first", "second", "refusal"),
    [
        ("brebes", "brebes", "brebes is there 2 times"),
        ("summary", "brebes", "summary is what a run calls a key of its own"),
        ("shards", "executive_summary", "executive_summary is what a run calls"),
        ("Brebes!", "tegal", "0.name is 'Brebes!'"),
    ],
)
def test_a_catalog_whose_names_collide_is_refused_by_name(
    tmp_path: Path, first: str, second: str, refusal: str
) -> None:
    entries = json.loads(CATALOG.read_text(encoding="utf-8"))[:2]
    entries[0]["name"], entries[1]["name"] = first, second
    path = tmp_path / "java.json"
    path.write_text(json.dumps(entries), encoding="utf-8")
    with pytest.raises(WorkerError) as caught:
        regions(path)
    assert caught.value.name == ErrorName.INVALID_INPUT
    assert refusal in caught.value.cause
