import json
from pathlib import Path

import pytest

from components.settings.monitoring import Monitoring
from components.settings.regions import FOLDER, catalog_names, has_map, region_names


def region(name: str, priority: int) -> dict[str, object]:
    return {"name": name, "title": name, "bbox": [0, 0, 1, 1], "priority": priority}


def written(folder: Path, content: object) -> Path:
    (folder / "island.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


@pytest.mark.parametrize("catalog", catalog_names())
def test_every_region_of_a_catalog_is_known_once(catalog: str) -> None:
    listed = [region["name"] for region in json.loads((FOLDER / f"{catalog}.json").read_bytes())["regions"]]
    assert sorted(region_names(catalog)) == sorted(listed)


def test_regions_come_in_the_order_of_their_priority_and_then_of_the_file(tmp_path: Path) -> None:
    regions = [region("south", 2), region("north", 1), region("east", 2), region("west", 1)]
    assert region_names("island", written(tmp_path, {"regions": regions})) == (
        "north",
        "west",
        "south",
        "east",
    )


def test_a_coastline_is_not_a_catalog(tmp_path: Path) -> None:
    (tmp_path / "island.coast.json").write_text("{}")
    assert catalog_names(written(tmp_path, {})) == ("island",)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ([], r"names .*/island\.json, which cannot be used \(Input should be an object"),
        (
            {"regions": [{"title": "South"}]},
            r"which cannot be used \(regions\.0\.name: Field required\); correct",
        ),
        (
            {"regions": [{"name": "south", "priority": True}]},
            r"which cannot be used \(regions\.0\.priority: Input should be a valid integer",
        ),
        ({"regions": []}, "which has no regions"),
    ],
)
def test_a_catalog_that_cannot_be_used_is_refused_with_its_file(
    tmp_path: Path, content: object, expected: str
) -> None:
    with pytest.raises(ValueError, match=expected):
        region_names("island", written(tmp_path, content))


@pytest.mark.parametrize("name", ["atlantis", "../Pulumi.dev", "example.coast", ""])
def test_an_unknown_catalog_is_refused_with_the_known_ones(name: str) -> None:
    with pytest.raises(
        ValueError, match=rf"is not a catalog in regions/; write one of .*{catalog_names()[-1]}"
    ):
        Monitoring(catalog=name)


@pytest.mark.parametrize("catalog", catalog_names())
def test_all_regions_of_the_catalog_are_monitored_and_no_more(catalog: str) -> None:
    known = len(region_names(catalog))
    assert Monitoring(catalog=catalog).regions_count == known
    with pytest.raises(ValueError, match=f"is above {known}"):
        Monitoring(catalog=catalog, regions_count=known + 1)


def test_a_catalog_without_its_coastline_is_refused_with_the_command_that_makes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path, {"extent": [0, 0, 1, 1], "regions": [region("south", 1)]})
    monkeypatch.setattr("components.settings.monitoring.FOLDER", tmp_path)
    monkeypatch.setattr(
        "components.settings.monitoring.region_names", lambda name: region_names(name, tmp_path)
    )
    monkeypatch.setattr("components.settings.monitoring.has_map", lambda name: has_map(name, tmp_path))
    with pytest.raises(
        ValueError, match=r"island\.coast\.json; make it with `python -m docs\.coastline island`"
    ):
        Monitoring(catalog="island")
