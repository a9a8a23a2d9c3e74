import json

from components.settings.regions import CATALOG, region_names


def test_every_region_of_java_is_known_once() -> None:
    assert len(region_names()) == len(set(region_names())) == 29


def test_regions_come_in_the_order_of_their_priority() -> None:
    priority = {region["name"]: region["priority"] for region in json.loads(CATALOG.read_text("utf-8"))}
    order = [priority[name] for name in region_names()]
    assert order == sorted(order)


def test_regions_of_one_priority_keep_the_order_of_the_catalog() -> None:
    catalog = json.loads(CATALOG.read_text("utf-8"))
    first = [region["name"] for region in catalog if region["priority"] == 1]
    assert list(region_names()[: len(first)]) == first
