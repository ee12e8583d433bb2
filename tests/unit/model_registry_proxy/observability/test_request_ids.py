"""Request ids: the client's own if it is usable, else a random one; every caller gets the same."""

import re

import pytest

from model_registry_proxy.observability.request_ids import request_id


def test_the_id_of_the_client_is_used() -> None:
    assert request_id({"headers": [(b"x-request-id", b"7f/a-1:b_c.d+e=@")]}) == "7f/a-1:b_c.d+e=@"


@pytest.mark.parametrize("sent", [b"", b"two words", b"a\nb", b"a\n", b"x" * 129, b"\xff", b'"'])
def test_an_id_that_would_confuse_a_log_is_replaced(sent: bytes) -> None:
    assert re.fullmatch("[0-9a-f]{32}", request_id({"headers": [(b"x-request-id", sent)]}))


def test_all_callers_get_the_same_id() -> None:
    scope = {"headers": [], "state": {}}
    assert request_id(scope) == request_id(scope) == scope["state"]["request_id"]


def test_the_first_of_several_ids_counts() -> None:
    assert request_id({"headers": [(b"x-request-id", b"one"), (b"x-request-id", b"two")]}) == "one"


def test_requests_without_an_id_get_different_ones() -> None:
    assert request_id({"headers": []}) != request_id({})
