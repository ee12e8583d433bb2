"""What a filter and a search may ask of the index."""

import pytest

from converters.errors import RefusedError
from model_catalog.index.queries import RELEVANCE, Query

from .made import artifact, found, model, models_of

LONG = " ".join(f"word{number}" for number in range(300))
FLEET = models_of(
    *[
        model(
            f"m{number:03}",
            artifact(speed=number + 0.5),
            readme=f"{number} {LONG}",
            custom={"score": number + 0.5},
            description=f"Number {number}",
        )
        for number in range(1000)
    ]
)
MANY_NUMBERS = ",".join(f"{number}.5" for number in range(1100))


@pytest.mark.parametrize(
    "text",
    [
        " OR ".join(f"readme LIKE '%{number}%b%c%'" for number in range(120)),
        f"score IN ({MANY_NUMBERS})",
        f"artifacts.speed IN ({MANY_NUMBERS})",
        f"NOT (name = 'x' OR score IN ({MANY_NUMBERS}))",
    ],
)
def test_a_filter_that_takes_too_long_is_refused_and_says_what_would_work(text: str) -> None:
    with pytest.raises(RefusedError, match=r"it takes about \d+ s in this catalog.*Use fewer conditions"):
        FLEET.page(Query(filter=text))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("readme LIKE '7 %word299'", ["m007"]),
        (
            " OR ".join(f"readme LIKE '{number} %'" for number in (3, 5, 7, 11, 13)),
            ["m003", "m005", "m007", "m011", "m013"],
        ),
        ("name IN (" + ",".join(f"'x{number}'" for number in range(700)) + ",'m005')", ["m005"]),
        ("score IN (1.5, 3.5, 9)", ["m001", "m003"]),
    ],
)
def test_usual_filters_are_decided(text: str, names: list[str]) -> None:
    assert found(FLEET, text) == names


def test_a_decided_filter_costs_nothing() -> None:
    text = "readme LIKE '%word4%'"
    assert FLEET.seconds(text, None) > 0
    FLEET.page(Query(filter=text))
    assert FLEET.seconds(text, None) == 0


def test_the_cost_grows_with_texts_and_with_values() -> None:
    def cost(text: str) -> float:
        return FLEET.seconds(text, None)

    assert cost("readme LIKE '%a%'") > 10 * cost("description LIKE '%a%'") > 10 * cost("nosuch LIKE '%a%'")
    assert cost("score IN (1.0, 2.0, 3.0)") > 2 * cost("score = 1.0")
    assert cost("name = 'a'") < cost("name LIKE 'a'")


def test_a_search_of_too_many_words_is_refused() -> None:
    FLEET.page(Query(q=" ".join(map(str, range(32)))))
    FLEET.page(Query(q="same " * 100))
    with pytest.raises(RefusedError, match=r"q has 33 different words; at most 32 are searched"):
        FLEET.page(Query(q=" ".join(map(str, range(33))), order_by=RELEVANCE))


def test_the_parts_of_one_entry_have_the_same_limit() -> None:
    table = models_of(model("m", *[artifact(speed=number + 0.5) for number in range(1000)]))
    with pytest.raises(RefusedError, match="Use fewer conditions"):
        table.parts(0, Query(filter=f"speed IN ({MANY_NUMBERS})"))
    assert table.parts(0, Query(filter="speed IN (1.5, 2.5)")).size == 2
