"""Every metric has a description, and every description has a metric."""

from components.settings.names import Names
from docs.metrics.page import descriptions, documented_metrics, documented_settings, page
from reporter.delivery import METRIC as REPORTERS_METRIC


def test_every_metric_is_described_and_every_description_is_of_a_metric() -> None:
    own = Names.of(documented_settings()).metric_namespace
    metrics = {(metric.namespace, metric.name) for metric in documented_metrics()}
    described = {(own, name) for name in descriptions()["own"]} | {
        (namespace, name) for namespace, names in descriptions()["aws"].items() for name in names
    }
    assert described == metrics
    for about in descriptions()["own"].values():
        assert about.keys() == {"what", "when", "missing"}
    for names in descriptions()["aws"].values():
        for about in names.values():
            assert about.keys() == {"what", "missing"}


def test_the_metric_of_the_reporter_is_described() -> None:
    assert "The reporter publishes it" in descriptions()["own"][REPORTERS_METRIC]["when"]


def test_each_number_on_the_html_page_is_traced_to_published_metrics() -> None:
    published = {metric.name for metric in documented_metrics()}
    for number in descriptions()["page"]:
        assert number["source"]
        assert set(number["metrics"]) <= published, number["number"]


def test_the_page_names_the_alarms_and_widgets_of_a_metric() -> None:
    section = page().partition("### HoursSinceLastSuccess")[2].partition("###")[0]
    assert "| alarms | `success-missed` |" in section
    assert "| widgets | Hours since the last success |" in section
