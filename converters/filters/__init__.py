r"""filterQuery: the language that filters lists.

`parse_filter` makes a tree of the text (`parser`), and of the tree a function that decides rows (`evaluation`). The part of a
filter that MLMD can apply itself is made of the tree by `model_registry_proxy/mlmd/filters/narrowing.py`; it only makes lists
shorter.

The language: `name = "x" AND (state != 'LIVE' OR accuracy > 0.9) -- and so on`

- Names: the fields of the entity by their REST names; any other name is a custom property. `a.b` is one name. Backquotes
  may enclose any name, with `\.`, `\\` and a backslash before a backquote as escapes; a keyword needs them. The name of a field
  is the field in backquotes too. With a type suffix (`.string_value .int_value .double_value .bool_value`) a name is
  the custom property, also if there is a field of that name.
- MLMD's names are understood: `custom_properties.k` is always the custom property, `properties.stored_name` the field that
  MLMD keeps there. MLMD's name of a column, an id or a time (`create_time_since_epoch`) is enough for the field.
- MLflow's prefixes are understood too (`prefixes.py`). A condition on another node (`parent_contexts_a.id`) is refused; the
  message names the field to use instead.
- Conditions: `= != <> < <= > >=`, `[NOT] LIKE`, `[NOT] ILIKE`, `[NOT] IN (...)`, `IS [NOT] NULL`; joined by NOT, AND,
  OR and parentheses. Keywords in any case; `--` starts a comment.
- Values: texts in single or double quotes (escapes: `\" \' \\ \n \t \r`), whole numbers, decimals, true, false. Texts
  compare by code points. LIKE is case-sensitive; `%` is any text, `_` one character, `\%` and `\_` are themselves. ILIKE
  compares after `str.lower`.
- Logic as in SQL: a condition on a missing value, or on one of another type, is unknown, and so is its negation. Only rows for
  which the filter is true are kept. `IN ()` is false for every row. `!=`, NOT LIKE and NOT IN are the negations of `=`, LIKE and
  IN. A field with several values satisfies `=`, LIKE or IN when one of its values does.
- Without a suffix the literal chooses the type of a custom property: a text is compared with texts, a number with numbers, true
  and false with booleans. With a suffix it is compared only with values of that type.
- Numbers compare as numbers: an integer with a decimal, however both are written, without rounding an integer. A decimal that
  is no whole number of 64 bits is compared with doubles as the double nearest to it.
- Ids and times are whole numbers and may be written as texts of digits. Times that clients send as text (`timestamp`,
  `startTimeSinceEpoch`) compare as numbers where both sides are whole, else as texts.
"""

from converters.filters.filter import Filter, parse_filter

__all__ = ["Filter", "parse_filter"]
