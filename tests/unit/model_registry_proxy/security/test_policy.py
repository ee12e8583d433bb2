"""The policy file: roles for users and models, and the messages about a wrong file."""

import re
from pathlib import Path

import pytest

from model_registry_proxy.configuration.settings import Settings, SettingsError
from model_registry_proxy.errors import Forbidden
from model_registry_proxy.registry.access import Level
from model_registry_proxy.security.policy import Access, Policy, policy_of
from model_registry_proxy.security.principals import Principal

EXAMPLE = """
roles:
  admin: {groups: [platform]}
  writer: {groups: [science]}
  reader: {users: ["*"]}
rules:
  - models: ["fraud-*", "risk-?"]
    writer: {groups: [fraud]}
    reader: {users: [auditor]}
  - models: ["fraud-public"]
    reader: {users: ["*"]}
  - models: ["*-frozen", "[x]*"]
    reader: {users: ["*"]}
"""


def access(folder: Path, user: str, *groups: str, text: str = EXAMPLE) -> Access:
    (folder / "policy.yaml").write_text(text)
    return Policy(folder / "policy.yaml").access(Principal(user, frozenset(groups), "jwt"))


@pytest.mark.parametrize(
    ("user", "groups", "levels"),
    [
        # general, fraud-1, risk-1, risk-12, fraud-public, a-frozen, xyz, FRAUD-1
        ("ann", ["platform"], "3333 3333"),
        ("ann", ["science"], "2002 0112"),
        ("ann", ["science", "fraud"], "2222 2112"[:4] + " 2112"),
        ("ann", [], "1001 0111"),
        ("auditor", [], "1111 1111"),
        ("platform", [], "1001 0111"),
    ],
)
def test_the_first_rule_that_matches_decides(tmp_path: Path, user: str, groups: list[str], levels: str) -> None:
    found = access(tmp_path, user, *groups)
    models = ["fraud-1", "risk-1", "risk-12", "fraud-public", "a-frozen", "xyz", "FRAUD-1"]
    assert [found.general, *(found.level({name}) for name in models)] == [
        int(digit) for digit in levels.replace(" ", "")
    ]


def test_the_example_of_the_documentation_is_a_policy(tmp_path: Path) -> None:
    page = (Path(__file__).parents[4] / "docs" / "security.md").read_text()
    (example,) = re.findall("```yaml\n(.*?)```", page, re.DOTALL)
    found = access(tmp_path, "auditor@example.com", text=example)
    assert (found.general, found.level({"fraud-1"}), found.level({"x-frozen"})) == (Level.READER,) * 3
    assert access(tmp_path, "ann", text=example).level({"fraud-1"}) is Level.NONE


def test_the_lowest_role_counts_for_several_models(tmp_path: Path) -> None:
    found = access(tmp_path, "ann", "science")
    assert found.level({"free", "a-frozen"}) is Level.READER
    assert found.level({"free", "fraud-1"}) is Level.NONE
    assert found.level(()) is found.general


@pytest.mark.parametrize(
    "name", ["fraud-\n", "\nfraud-1", "fraud-1\nx", "a\nb-frozen", "fraud-é", "fraud-" + "x" * 249]
)
def test_a_pattern_matches_whole_names_with_line_breaks_too(tmp_path: Path, name: str) -> None:
    fits = name.startswith("fraud-") or name.endswith("-frozen")
    assert (access(tmp_path, "ann", "science").level({name}) < Level.WRITER) == fits


def test_no_rule_limits_admins(tmp_path: Path) -> None:
    assert access(tmp_path, "ann", "platform").is_uniform


def test_without_a_file_every_user_is_a_writer() -> None:
    found = Policy(None).access(Principal("ann", frozenset(), "tokens"))
    assert (found.general, found.is_uniform) == (Level.WRITER, True)


def test_an_empty_policy_gives_no_role(tmp_path: Path) -> None:
    found = access(tmp_path, "ann", text="{}")
    with pytest.raises(Forbidden, match="This needs the role reader; ann has the role none at most"):
        found.require_somewhere(Level.READER)


def test_equal_principals_have_the_same_access(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(EXAMPLE)
    policy = Policy(tmp_path / "policy.yaml")
    one, other = (policy.access(Principal("ann", frozenset({"a", "b"}), "jwt")) for _ in range(2))
    assert one is other
    assert policy.access(Principal("ann", frozenset({"a"}), "jwt")) is not one


def test_a_star_among_groups_is_a_name(tmp_path: Path) -> None:
    assert access(tmp_path, "ann", "any", text="roles: {admin: {groups: ['*']}}").general is Level.NONE


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("rolls: {}", "rolls: Extra inputs are not permitted"),
        ("roles: {owner: {}}", "roles.owner: Extra inputs"),
        ("roles: {reader: [ann]}", "roles.reader: "),
        ("roles: {reader: {user: [ann]}}", "roles.reader.user: Extra inputs"),
        ("roles: {reader: {users: ann}}", "roles.reader.users: "),
        ("roles: {reader: {users: [7]}}", "roles.reader.users.0: Input should be a valid string"),
        ("roles: {reader: {users: ['']}}", "roles.reader.users.0: "),
        ("rules: [{reader: {users: [ann]}}]", "rules.0.models: Field required"),
        ("rules: [{models: []}]", "rules.0.models: "),
        ("rules: [{models: [a], admin: {users: [ann]}}]", "rules.0.admin: Extra inputs"),
        ("rules: []\nrules: []", "the key 'rules' is there twice"),
        ("", "Input should be a valid"),
        ("- a", "Input should be a valid"),
        ("a: [", "is not YAML"),
        ("!!python/object/apply:os.system [true]", "is not YAML"),
    ],
)
def test_a_wrong_file_has_a_message_of_one_line(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "policy.yaml").write_text(text)
    with pytest.raises(SettingsError) as refused:
        Policy(tmp_path / "policy.yaml")
    assert words in str(refused.value)
    assert str(refused.value).startswith(f"--policy {tmp_path}")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("auth", ["", "none"])
def test_a_policy_without_authentication_is_refused(auth: str) -> None:
    with pytest.raises(SettingsError, match="--policy needs --auth"):
        policy_of(Settings(auth=auth, policy="policy.yaml"))
