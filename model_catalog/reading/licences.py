"""The names of licences: `apache-2.0` is shown as `Apache 2.0`.

The names come from the SPDX License List (https://spdx.org/licenses, its data is under CC0-1.0), by the npm package
spdx-license-list 6.12.0. A few that AI models use often are shorter here, or missing there.
"""

import json
from functools import cache
from pathlib import Path

_OURS = {
    "apache-2.0": "Apache 2.0",
    "mit": "MIT",
    "bsd-2-clause": "BSD 2-Clause",
    "bsd-3-clause": "BSD 3-Clause",
    "gpl-2.0": "GPL 2.0",
    "gpl-3.0": "GPL 3.0",
    "lgpl-2.1": "LGPL 2.1",
    "lgpl-3.0": "LGPL 3.0",
    "llama2": "Llama 2 Community License",
    "llama3": "Llama 3 Community License",
    "llama3.1": "Llama 3.1 Community License",
    "llama3.2": "Llama 3.2 Community License",
    "llama3.3": "Llama 3.3 Community License",
    "llama4": "Llama 4 Community License",
    "gemma": "Gemma License",
    "openrail": "OpenRAIL License",
    "bigscience-openrail-m": "BigScience OpenRAIL-M License",
    "nvidia-open-model-license": "NVIDIA Open Model License",
}
_DATA = Path(__file__).with_name("spdx_licences.json")


@cache
def _names() -> dict[str, str]:
    known: dict[str, str] = json.loads(_DATA.read_text("utf-8"))
    return {identifier.lower(): name for identifier, name in known.items()} | _OURS


def licence_name(licence: str) -> str:
    """The name to show for a licence: by its SPDX identifier in any case; other texts as they are."""
    return _names().get(licence.strip().lower(), licence)
