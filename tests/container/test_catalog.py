import json
from pathlib import Path
from typing import Any

import pytest

from components.settings.regions import catalog_names, region_names
from tests.stacks import ROOT
from worker.catalog import read_catalog
from worker.errors import ErrorName, WorkerError

ISLAND: dict[str, Any] = {
    "title": "Island",
    "extent": [-1, 50, 1, 51],
    "regions": [
        {"name": "south", "title": "South", "bbox": [0, 50.1, 0.1, 50.2], "priority": 2},
        {"name": "north", "title": "North", "bbox": [0, 50.8, 0.1, 50.9], "priority": 1},
        {"name": "east", "title": "East", "bbox": [0.8, 50.5, 0.9, 50.6], "priority": 2},
    ],
}
COAST: dict[str, Any] = {"source": "invented", "outlines": [[[-0.9, 50.1], [0.9, 50.1], [0, 50.9]]]}


def written(folder: Path, catalog: Any = ISLAND, coast: Any = COAST) -> Path:
    (folder / "island.json").write_text(json.dumps(catalog), encoding="utf-8")
    (folder / "island.coast.json").write_text(json.dumps(coast), encoding="utf-8")
    return folder


def with_first_region(**changes: Any) -> dict[str, Any]:
    first, *others = ISLAND["regions"]
    return {**ISLAND, "regions": [first | changes, *others]}


def refusal(folder: Path) -> str:
    with pytest.raises(WorkerError) as caught:
        read_catalog("island", folder)
    assert caught.value.name == ErrorName.INVALID_INPUT
    return caught.value.cause


@pytest.mark.parametrize("name", catalog_names())
def test_every_catalog_of_the_checkout_can_be_used(name: str) -> None:
    catalog = read_catalog(name, ROOT / "regions")
    assert tuple(region.name for region in catalog.regions) == region_names(name)
    assert catalog.coast


def test_regions_come_in_the_order_of_priority_and_then_of_the_file(tmp_path: Path) -> None:
    catalog = read_catalog("island", written(tmp_path))
    assert [region.name for region in catalog.regions] == ["north", "south", "east"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"name": "north"}, "north is listed 2 times"),
        ({"name": "summary"}, "summary is the name of an object that each run writes"),
        ({"name": "executive_summary"}, "executive_summary is the name of an object"),
        ({"name": "South!"}, "regions.0.name is 'South!'"),
        (
            {"bbox": [0, 50.2, 0.1, 50.1]},
            "regions.0.bbox is [0.0, 50.2, 0.1, 50.1]: write west, south, east, north",
        ),
        (
            {"bbox": [0, 50.1, 1.1, 50.2]},
            "the bbox of south, [0.0, 50.1, 1.1, 50.2], is not within the extent",
        ),
        ({"bbox": [0, 50.1, 0.1]}, "regions.0.bbox.3 is missing"),
        ({"title": "Łódź"}, "regions.0.title has 'Ł', which the fonts of the PDF reports lack"),
        ({"labels": {"province": "Łódź"}}, "regions.0.labels.province has 'Ł'"),
        ({"province": "Kent"}, "regions.0.province is not known"),
        ({"priority": True}, "regions.0.priority is True"),
        ({"bbox": None}, "south has no bbox, and the catalog has an extent"),
    ],
)
def test_a_region_that_cannot_be_used_is_refused_by_its_place(
    tmp_path: Path, changes: dict[str, Any], expected: str
) -> None:
    assert expected in refusal(written(tmp_path, with_first_region(**changes)))


def test_a_missing_coastline_is_refused(tmp_path: Path) -> None:
    (written(tmp_path) / "island.coast.json").unlink()
    assert "island.coast.json" in refusal(tmp_path)


def test_letters_of_western_europe_are_taken(tmp_path: Path) -> None:
    catalog = read_catalog("island", written(tmp_path, with_first_region(title="Sønderø–Öst")))
    assert catalog.regions[1].title == "Sønderø–Öst"


def test_items_that_are_no_places_need_a_name_alone_and_no_coastline(tmp_path: Path) -> None:
    items = {
        "title": "Shops",
        "regions": [{"name": "rome"}, {"name": "paris", "priority": 2}, {"name": "oslo"}],
    }
    (written(tmp_path, items) / "island.coast.json").unlink()
    catalog = read_catalog("island", tmp_path)
    assert [region.name for region in catalog.regions] == ["rome", "oslo", "paris"]
    assert (catalog.extent, catalog.coast, catalog.regions[0].heading) == (None, (), "rome")


def test_an_item_with_a_place_needs_a_catalog_with_an_extent(tmp_path: Path) -> None:
    assert "south has a bbox, and the catalog has no extent" in refusal(
        written(tmp_path, {**ISLAND, "extent": None})
    )


def test_a_workload_on_places_refuses_an_item_that_is_none(tmp_path: Path) -> None:
    catalog = read_catalog("island", written(tmp_path, {"title": "Shops", "regions": [{"name": "rome"}]}))
    with pytest.raises(WorkerError, match="rome has no bbox"):
        _ = catalog.regions[0].centre
