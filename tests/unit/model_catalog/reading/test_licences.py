"""The names of licences."""

import pytest

from model_catalog.reading.licences import licence_name


@pytest.mark.parametrize(
    ("licence", "name"),
    [
        (" Apache-2.0", "Apache 2.0"),
        ("MIT", "MIT"),
        ("llama3.1", "Llama 3.1 Community License"),
        ("cc-by-nc-4.0", "Creative Commons Attribution Non Commercial 4.0 International"),
        ("AGPL-3.0-only", "GNU Affero General Public License v3.0 only"),
        ("house-licence-1", "house-licence-1"),
        ("", ""),
    ],
)
def test_known_licences_have_names_and_others_stay(licence: str, name: str) -> None:
    assert licence_name(licence) == name
