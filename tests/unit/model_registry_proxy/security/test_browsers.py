"""The rules for browsers that apply under different settings."""

import pytest

from model_registry_proxy.configuration.settings import Settings, SettingsError
from model_registry_proxy.security.browsers import browser_rules


@pytest.mark.parametrize(
    ("auth", "is_checked"),
    [("", True), ("none", True), ("gateway", True), ("tokens,gateway", True), ("tokens", False), ("tokens,jwt", False)],
)
def test_hosts_are_checked_where_a_foreign_page_would_need_no_token(auth: str, is_checked: bool) -> None:
    assert (browser_rules(Settings(auth=auth)).names is not None) == is_checked


@pytest.mark.parametrize("setting", ["allowed_hosts", "cors_origins", "gateway_peers"])
def test_a_setting_that_cannot_be_used_ends_the_start(setting: str) -> None:
    with pytest.raises(SettingsError, match="--" + setting.replace("_", "-")):
        browser_rules(Settings(**{setting: "no good"}))
