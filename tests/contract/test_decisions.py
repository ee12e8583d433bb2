"""docs/decisions: the index names each page once, by its title, and explains each missing number."""

import re

from tests.support.processes import ROOT

FOLDER = ROOT / "docs" / "decisions"
INDEX = (FOLDER / "README.md").read_text("utf-8")
LISTED = re.findall(r"^\| (\d{4}) \| \[(.+)\]\((.+)\) \|$", INDEX, re.MULTILINE)


def test_each_page_is_in_the_index_once() -> None:
    pages = sorted(path.name for path in FOLDER.glob("[0-9]*.md"))
    assert sorted(file for _, _, file in LISTED) == pages
    assert [file[:4] for _, _, file in LISTED] == [number for number, _, _ in LISTED]


def test_each_part_of_the_index_is_in_the_order_of_numbers() -> None:
    for part in INDEX.split("\n## "):
        numbers = re.findall(r"^\| (\d{4}) ", part, re.MULTILINE)
        assert numbers == sorted(numbers)


def test_the_index_has_the_titles_of_the_pages() -> None:
    for _, title, file in LISTED:
        assert (FOLDER / file).read_text("utf-8").splitlines()[0] == f"# {title}"


def test_each_missing_number_is_explained() -> None:
    numbers = {int(number) for number, _, _ in LISTED}
    _, _, explained = INDEX.partition("## Missing numbers")
    assert {int(number) for number in re.findall(r"\b\d{4}\b", explained)} == set(range(1, max(numbers))) - numbers
