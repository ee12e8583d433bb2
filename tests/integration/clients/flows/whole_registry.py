"""Lists of all models, for a registry that no other flow uses; one flow each."""

from itertools import islice

from steps import connect, next_millisecond, read_all, register


def twenty_one_models_take_three_pages_of_ten(address: str) -> None:
    registry = connect(address)
    assert list(registry.get_registered_models()) == []
    made = [register(registry, f"model {number}") for number in range(21)]
    seen, tokens = read_all(registry.get_registered_models().page_size(10))
    assert seen == made
    assert len(set(tokens)) == len(tokens) == 3
    assert tokens[2] == ""
    assert list(registry.get_registered_models()) == made

    pager = registry.get_registered_models().page_size(20)
    begun = list(islice(pager, 5))
    assert list(pager.restart())[:5] == begun == made[:5]

    for model in reversed(made):
        next_millisecond()
        registry.update(model.model_copy(update={"description": "touched"}))
    names = [model.name for model in made]
    pager = registry.get_registered_models().page_size(4)
    for order, expected in (
        (pager.order_by_id, names),
        (pager.order_by_creation_time, names),
        (pager.order_by_update_time, names[::-1]),
    ):
        assert [model.name for model in order().ascending()] == expected
        assert [model.name for model in order().descending()] == expected[::-1]
