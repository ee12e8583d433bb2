"""What is asked of MLMD's lists, and the form in which MLMD takes it."""

import base64
from dataclasses import dataclass
from typing import Any

from converters._generated import metadata_store_pb2 as mlmd
from converters.entity import Kind

MOST_LISTED = 100
"""MLMD's limit for one page. Above it the server drops its page token, and the rest is out of reach."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What to list: nodes of a kind, all or those of one context (artifacts and executions only).

    MLMD's lists by type are not used: they fetch the ids of all nodes of the type first.

    `after_id` continues a walk by id behind that id; `order` names MLMD's field, `limit` is at most `MOST_LISTED`.
    """

    kind: Kind
    context_id: int | None = None
    conditions: tuple[str, ...] = ()
    order: str = "ID"
    is_ascending: bool = True
    limit: int = MOST_LISTED
    after_id: int | None = None

    def options(self) -> dict[str, Any]:
        """MLMD's `ListOperationOptions`."""
        options: dict[str, Any] = {
            "max_result_size": self.limit,
            "order_by_field": {"field": self.order, "is_asc": self.is_ascending},
            "filter_query": " AND ".join(f"({condition})" for condition in self.conditions),
        }
        if self.after_id is not None:
            options["next_page_token"] = self._token()
        return options

    def _token(self) -> str:
        """MLMD's own page token for a walk by id that has come to `after_id`."""
        token = mlmd.ListOperationNextPageToken(id_offset=self.after_id, field_offset=self.after_id)
        token.set_options.order_by_field.field = mlmd.ListOperationOptions.OrderByField.ID
        token.set_options.order_by_field.is_asc = self.is_ascending
        token.set_options.max_result_size = self.limit
        return base64.urlsafe_b64encode(token.SerializeToString()).rstrip(b"=").decode()
