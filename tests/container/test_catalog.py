from worker.catalog import regions, title


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
