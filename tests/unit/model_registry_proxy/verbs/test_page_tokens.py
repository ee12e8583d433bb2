"""Page tokens: a token returns to its position, and fits no other question."""

import base64

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_registry_proxy.errors import BadRequest
from model_registry_proxy.mlmd.listing import Position
from model_registry_proxy.verbs.page_tokens import digest, from_token, to_token

COUNTS = st.integers(0, 2**63 - 1)
QUESTION = digest(["kf.RegisteredModel"], None, {"orderBy": "ID"})


@given(COUNTS, COUNTS, COUNTS)
def test_a_token_returns_to_its_position(id_: int, time: int, until: int) -> None:
    place = Position(id_, time, until)
    assert from_token(to_token(place, QUESTION), QUESTION) == place


@given(COUNTS)
def test_a_token_needs_no_escaping_in_an_address(id_: int) -> None:
    assert set(to_token(Position(id_), QUESTION)) <= set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
    )


@pytest.mark.parametrize(
    "other",
    [
        digest(["kf.ModelVersion"], None, {"orderBy": "ID"}),
        digest(["kf.RegisteredModel"], ["kf.RegisteredModel", 1], {"orderBy": "ID"}),
        digest(["kf.RegisteredModel"], None, {"orderBy": "CREATE_TIME"}),
        digest(["kf.RegisteredModel"], None, {"orderBy": "ID", "filterQuery": "id > 1"}),
    ],
)
def test_a_token_of_another_question_is_refused(other: str) -> None:
    with pytest.raises(BadRequest, match="comes from another question; keep path, filters, orderBy and sortOrder"):
        from_token(to_token(Position(1), other), QUESTION)


def forged(*content: object) -> str:
    """A token of any content."""
    return base64.urlsafe_b64encode(orjson.dumps(content)).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "token",
    [
        "x", "é", "====", "bnVsbA", "e30", "MQ", "%", "a" * 10_000,
        forged(), forged(QUESTION), forged(QUESTION, 1), forged(QUESTION, 1, 2), forged(QUESTION, 1, 2, 3, 4),
        forged(QUESTION, -1, 0, 0), forged(QUESTION, 2**63, 0, 0), forged(QUESTION, 1.5, 0, 0),
        forged(QUESTION, "1", 0, 0), forged(QUESTION, True, 0, 0), forged(QUESTION, [1], 0, 0),
        base64.urlsafe_b64encode(b"[" * 5000).decode(),
    ],
)  # fmt: skip
def test_garbage_and_forgeries_are_refused(token: str) -> None:
    with pytest.raises(BadRequest, match="is not one that this server gave"):
        from_token(token, QUESTION)


@given(st.text())
def test_no_text_breaks_it(token: str) -> None:
    with pytest.raises(BadRequest):
        from_token(token, QUESTION)
