import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from docs import coastline
from docs.coastline import FOLDER, CoastlineError, Extent, Ring, as_text, extent_of, land, main

EXTENT: Extent = (0, 0, 10, 5)
# Two arcs around a square: the second one is used in its reversed direction, as neighbours share arcs.
TOPOLOGY: dict[str, Any] = {
    "transform": {"scale": [0.5, 0.25], "translate": [1, 1]},
    "arcs": [[[0, 0], [4, 0], [0, 8]], [[0, 0], [0, 8], [4, 0]]],
    "objects": {"land": {"geometries": [{"type": "MultiPolygon", "arcs": [[[0, -2]]]}]}},
}
SQUARE: Ring = [(1, 1), (3, 1), (3, 3), (1, 3)]


def rings(*given: Ring, extent: Extent = EXTENT) -> list[Ring]:
    return coastline.coastline(iter(given), extent)


@pytest.fixture
def topology(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "land-10m.json"
    path.write_text(json.dumps(TOPOLOGY), encoding="utf-8")
    monkeypatch.setattr(coastline, "LAND_SHA256", hashlib.sha256(path.read_bytes()).hexdigest())
    return path


def test_arcs_are_decoded_and_joined_in_the_direction_of_the_ring(topology: Path) -> None:
    assert list(land(topology.read_bytes())) == [SQUARE]


def test_another_file_than_the_pinned_one_is_refused() -> None:
    with pytest.raises(CoastlineError, match=r"has the checksum .*; take the one of world-atlas@"):
        list(land(b"{}"))


def test_land_across_the_edge_of_the_map_ends_there() -> None:
    assert [sorted(ring) for ring in rings([(-2, 1), (2, 1), (2, 3), (-2, 3)])] == [
        [(0, 1), (0, 3), (2, 1), (2, 3)]
    ]


def test_land_without_a_coast_fills_the_map() -> None:
    (ring,) = rings([(-20, -20), (20, -20), (20, 20), (-20, 20)])
    assert sorted(ring) == [(0, 0), (0, 5), (10, 0), (10, 5)]


@pytest.mark.parametrize(
    ("extent", "expected"),
    [
        ((170, 0, 180, 5), [(179, 1), (179, 3), (180, 1), (180, 3)]),
        ((-180, 0, -170, 5), [(-180, 1), (-180, 3), (-179, 1), (-179, 3)]),
        ((-60, 0, 60, 5), None),
    ],
)
def test_land_across_the_180th_meridian_is_on_both_sides_of_it_and_nowhere_else(
    extent: Extent, expected: Ring | None
) -> None:
    found = rings([(179, 1), (-179, 1), (-179, 3), (179, 3)], extent=extent)
    assert [sorted(ring) for ring in found] == ([expected] if expected else [])


def test_land_around_a_pole_reaches_it() -> None:
    (ring,) = rings([(-120, -70), (0, -60), (120, -70)], extent=(-10, -90, 10, -50))
    assert {(-10, -90), (10, -90)} <= set(ring)
    assert max(y for _, y in ring) == -60


def test_land_outside_the_map_is_left_out() -> None:
    assert rings([(11, 1), (12, 1), (12, 2)]) == []


def test_details_too_small_for_the_map_are_omitted() -> None:
    bent = [(1.0, 1.0), (2.0, 1.001), (3.0, 1.0), (3.0, 3.0), (1.0, 3.0)]
    speck = [(5.0, 2.0), (5.01, 2.0), (5.01, 2.01)]
    assert rings(bent, speck) == [SQUARE]


@pytest.mark.parametrize(
    ("content", "expected"),
    [(None, "write the catalog first"), ("{}", "has no extent"), ('{"extent": [1, 2]}', "has no extent")],
)
def test_a_catalog_without_an_extent_is_refused(tmp_path: Path, content: str | None, expected: str) -> None:
    path = tmp_path / "island.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(CoastlineError, match=expected):
        extent_of(path)


def test_the_command_writes_the_coastline_beside_the_catalog(
    topology: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coastline, "FOLDER", tmp_path)
    (tmp_path / "island.json").write_text('{"extent": [0, 0, 10, 5]}', encoding="utf-8")
    assert main(["island", "--land", str(topology)]) == 0
    written = json.loads((tmp_path / "island.coast.json").read_text(encoding="utf-8"))
    assert written["outlines"] == [[list(point) for point in SQUARE]]
    assert "Natural Earth" in written["source"]


def test_an_unknown_catalog_ends_with_exit_code_1_and_the_remedy(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["atlantis", "--land", __file__]) == 1
    assert capsys.readouterr().err == (
        f"docs.coastline: there is no {FOLDER / 'atlantis.json'}; write the catalog first, as in docs/regions.md\n"
    )


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.coast.json")), ids=lambda path: path.stem)
def test_every_coastline_of_the_checkout_is_as_the_script_writes_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    content = json.loads(text)
    assert as_text(content["outlines"], content["source"]) == text
