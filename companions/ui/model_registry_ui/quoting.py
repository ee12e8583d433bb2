"""Names as literals of Python, YAML and the shell, so that code which people copy means what it shows, whatever the names hold."""

import shlex

_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_BYTE, _TWO_BYTES = 0x7F, 0xFFFF


def double_quoted(text: str) -> str:
    """Returns a text as a literal of Python and of YAML. Characters that are invisible are written as escapes."""
    return f'"{"".join(_escaped(sign) for sign in text)}"'


def shell_word(text: str) -> str:
    """Returns a text as one word of the shell. Where it has invisible characters, it is in the form `$'...'` of bash."""
    if text.isprintable():
        return shlex.quote(text)
    return f"$'{''.join(_shell_escaped(sign) for sign in text)}'"


def _escaped(sign: str) -> str:
    if short := _SHORT.get(sign):
        return short
    if sign.isprintable():
        return sign
    code = ord(sign)
    if code <= _BYTE:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= _TWO_BYTES else f"\\U{code:08x}"


def _shell_escaped(sign: str) -> str:
    if sign in "'\\":
        return f"\\{sign}"
    if sign.isprintable():
        return sign
    return "".join(f"\\x{byte:02x}" for byte in sign.encode(errors="replace"))
