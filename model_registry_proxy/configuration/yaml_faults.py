"""What is wrong with a YAML file, in words for operators."""

import yaml


def what_is_wrong(error: yaml.YAMLError | UnicodeDecodeError) -> str:
    """Returns the fault in a YAML file and its place, without the text of the file, which may hold a password."""
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "it holds what is no text"
    return f"{problem}, at line {mark.line + 1}, column {mark.column + 1}" if mark else problem
