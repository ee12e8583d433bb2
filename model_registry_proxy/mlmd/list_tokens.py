"""MLMD's options for its lists, and the page tokens that MLMD itself gives: a list may be continued behind any row.

Behind a row, MLMD goes on by id, or by a time and one thing more. In the order of creation this is an id that later rows exceed,
in the order of change a list of ids that are left out.
"""

import base64
from collections.abc import Sequence
from typing import Any, NamedTuple

from converters._generated import metadata_store_pb2 as mlmd
from model_registry_proxy.mlmd.listing import Listing, Order

_LAST_ID = 2**63 - 1


class Start(NamedTuple):
    """Where MLMD begins a page: at a time in ms since the epoch, or behind an id; see the top of this module."""

    offset: int
    id: int = 0
    listed: Sequence[int] = (0,)


def behind_id(id_: int) -> Start:
    """Returns the start behind a row in the order of ids."""
    return Start(id_, id_)


def at_time(listing: Listing, time: int) -> Start:
    """Returns the start at the first row of a time."""
    return Start(time, 0 if listing.is_ascending else _LAST_ID)


def start_of(listing: Listing) -> Start | None:
    """Returns where a listing begins. In an order of times, rows of the time of its position come again."""
    if listing.after is None:
        return None
    return behind_id(listing.after.id) if listing.order is Order.ID else at_time(listing, listing.after.time)


def options(listing: Listing, limit: int, start: Start | None) -> dict[str, Any]:
    """Returns MLMD's `ListOperationOptions` for at most `limit` rows from a start on, without a filter."""
    order = {"field": listing.order.value, "is_asc": listing.is_ascending}
    found: dict[str, Any] = {"max_result_size": limit, "order_by_field": order}
    if start:
        token = mlmd.ListOperationNextPageToken(
            field_offset=start.offset,
            id_offset=start.id,
            listed_ids=start.listed,
            set_options=mlmd.ListOperationOptions(max_result_size=limit, order_by_field=order),
        )
        found["next_page_token"] = base64.urlsafe_b64encode(token.SerializeToString()).rstrip(b"=").decode()
    return found
