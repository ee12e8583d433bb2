"""What a source of the catalog holds, read in the process of the test."""

from model_catalog.entries import Content
from model_catalog.reading.performance import Performance
from model_catalog.reading.report import Report
from model_catalog.reading.settings import SourceSettings
from model_catalog.reading.yaml_sources import read_source


def content_of(source: SourceSettings, performance: Performance, now: str) -> Content:
    """All that a source of type `yaml` holds. Arguments and errors as in `read_source`."""
    report = Report()
    entries = [*read_source(source, performance, now, report)]
    return Content(entries, report.failures, report.warnings)
