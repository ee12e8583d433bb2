"""A form on its way: what it is about, the values when it was opened, and what is typed now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.exceptions import HTTPException

from model_registry_ui.forms.fields import FormField
from model_registry_ui.forms.sent import Sent, packed, unpacked
from model_registry_ui.page_request import Crumb, PageRequest
from model_registry_ui.properties import PropertyRow, to_rows

PROPERTIES = "customProperties"
_BAD_REQUEST = 400


@dataclass(frozen=True, slots=True)
class About:
    """What a form is about. It travels through the form, so that a failed save needs no answer of the registry to show it again.

    Attributes:
        name: The name of the entity.
        way: The steps to the page.
        type: The `artifactType` of an artifact.
        has_weak_mark: Whether the registry sends no ETag, so that a change at the same moment is not noticed.
    """

    name: str
    way: Sequence[Crumb] = ()
    type: str = ""
    has_weak_mark: bool = False

    def packed(self) -> str:
        """Returns it for a hidden field."""
        return packed([self.name, [list(crumb) for crumb in self.way], self.type, self.has_weak_mark])

    def body(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Returns the body of a change: the API wants the kind of an artifact in it."""
        return {"artifactType": self.type, **fields} if self.type else dict(fields)

    @classmethod
    def of(cls, page: PageRequest, sent: Sent) -> "About":
        """Reads it from a form. An address outside the UI becomes that of the first page. Raises `HTTPException`."""
        try:
            name, way, type_, weak = unpacked(sent.text("_about"))
            crumbs = [Crumb(str(words), page.inside(str(url))) for words, url in way]
        except (ValueError, TypeError, RecursionError):
            raise HTTPException(_BAD_REQUEST, "The form is damaged. Open it again.") from None
        return cls(str(name), crumbs, str(type_), bool(weak))


@dataclass(frozen=True, slots=True)
class Draft:
    """What a form holds.

    Attributes:
        about: What the form is about.
        mark: The mark of the entity when the form was opened.
        opened: The values at that time, by name in the API.
        typed: The texts of the fields, by name in the form.
        rows: The rows of custom properties.
    """

    about: About
    mark: str = ""
    opened: Mapping[str, Any] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict)
    rows: Sequence[PropertyRow] = ()

    @classmethod
    def of_entity(
        cls, about: About, mark: str, wire: Mapping[str, Any], fields: Sequence[FormField], *, has_properties: bool
    ) -> "Draft":
        """Returns the form of an entity, given as the API's JSON. The rows end with an empty one."""
        opened = {one.name: wire.get(one.name) for one in fields}
        rows: tuple[PropertyRow, ...] = ()
        if has_properties:
            opened[PROPERTIES] = wire.get(PROPERTIES) or {}
            rows = (*to_rows(opened[PROPERTIES]), PropertyRow())
        typed = {one.id: one.text_of(opened[one.name]) for one in fields}
        return cls(about, mark, opened, typed, rows)

    @classmethod
    def of_form(cls, about: About, sent: Sent, fields: Sequence[FormField]) -> "Draft":
        """Reads a form that was sent; raises `HTTPException` if its hidden fields are damaged."""
        opened = sent.object("_opened")
        rows = sent.rows(opened.get(PROPERTIES) or {})
        return cls(about, sent.text("_mark"), opened, sent.typed(fields), rows)
