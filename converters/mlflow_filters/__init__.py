"""MLflow's search language: `name LIKE 'churn%' AND tags.team = 'risk'`.

`parse` makes conditions of a text. `searches.py` makes of these the trees of filterQuery, so that both languages find rows by the
same evaluation. Texts and messages follow MLflow, whose clients compare them:

- A condition is `key operator value`; conditions are joined by AND.
- A key is an attribute, such as `name`, also as `attribute.name`; or a tag: `tag.x`, `tags.x`. A tag may be in backquotes or
  double quotes.
- A value is a text in single or double quotes, without escapes; a whole number for `version_number`; a list of texts for IN.
- LIKE is case-sensitive, ILIKE is not; `%` is any text, `_` is one character.
- A condition on a tag that a row does not have is false, also with `!=`.
"""

from converters.mlflow_filters.parser import parse
from converters.mlflow_filters.searches import PROMPT, ModelSearch, VersionSearch, model_search, version_search

__all__ = ["PROMPT", "ModelSearch", "VersionSearch", "model_search", "parse", "version_search"]
