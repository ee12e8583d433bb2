"""Request ids: taken over where they are usable, made up where they are not, and the same for all who ask."""

import re

import pytest

from model_registry_proxy.observability.request_ids import request_id


def test_the_clients_id_is_taken_over() -> None:
    assert request_id({"headers": [(b"x-request-id", b"7f/a-1:b_c.d+e=@")]}) == "7f/a-1:b_c.d+e=@"


@pytest.mark.parametrize("sent", [b"", b"two words", b"a\nb", b"a\n", b"x" * 129, b"\xff", b'"'])
def test_what_would_confuse_a_log_is_replaced(sent: bytes) -> None:
    assert re.fullmatch("[0-9a-f]{32}", request_id({"headers": [(b"x-request-id", sent)]}))


def test_all_who_ask_get_the_same_id() -> None:
    scope = {"headers": [], "state": {}}
    assert request_id(scope) == request_id(scope) == scope["state"]["request_id"]


def test_of_several_the_first_counts() -> None:
    assert request_id({"headers": [(b"x-request-id", b"one"), (b"x-request-id", b"two")]}) == "one"


def test_requests_without_one_get_different_ids() -> None:
    assert request_id({"headers": []}) != request_id({})
