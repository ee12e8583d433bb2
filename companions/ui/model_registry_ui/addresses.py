"""The addresses of all pages, made from the table of routes. A page that does not exist has no address, and so no link."""

from collections.abc import Iterable, Mapping
from urllib.parse import quote, urlencode

Parameters = Mapping[str, str] | Iterable[tuple[str, str]]


class Addresses:
    """`paths` has the pattern of each page by its name, such as `/models/{id}`; `base` is the path of the UI."""

    def __init__(self, base: str, paths: Mapping[str, str]) -> None:
        self.base, self._paths = base, paths

    def __contains__(self, name: str) -> bool:
        return name in self._paths

    def of(self, name: str, id_: str = "", parameters: Parameters = ()) -> str:
        """Returns the address of a page; an empty text if there is no such page.

        Args:
            name: The name of the page in the table of routes.
            id_: What stands for `{id}` in its path.
            parameters: The parameters of the query. Empty ones are left out.
        """
        if name not in self._paths:
            return ""
        path = self.base + self._paths[name].replace("{id:int}", "{id}").replace("{id}", quote(id_, safe=""))
        pairs = parameters.items() if isinstance(parameters, Mapping) else parameters
        query = urlencode([(key, value) for key, value in pairs if value])
        return f"{path}?{query}" if query else path
