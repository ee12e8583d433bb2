"""Static tokens: a token of `model-registry token` is accepted, and no other."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from model_registry_proxy.commands import application
from model_registry_proxy.configuration import watched_files
from model_registry_proxy.configuration.settings import SettingsError
from model_registry_proxy.errors import Unauthorized
from model_registry_proxy.security.tokens import PREFIX, Tokens, new_token


def made(*arguments: str) -> tuple[str, str]:
    """The token, which is the last word on stderr, and the text on stdout."""
    result = CliRunner().invoke(application.app, ["token", *arguments])
    assert result.exit_code == 0, result.output
    return result.stderr.split()[-1], result.stdout


async def test_a_token_of_the_command_is_accepted(tmp_path: Path) -> None:
    token, line = made("ann", "--group", "fraud", "--group", "risk: all", "--days", "2")
    other, second = made("böb")
    (tmp_path / "tokens").write_text(line + second)
    tokens = Tokens(tmp_path / "tokens")
    principal = await tokens.principal(token)
    assert (principal.user, principal.groups, principal.way) == ("ann", {"fraud", "risk: all"}, "tokens")
    assert (await tokens.principal(other)).user == "böb"
    assert token.startswith(PREFIX)
    assert len(token) > 40
    assert token not in line


@pytest.mark.parametrize("wrong", ["", "mrp_", "x", "é"])
async def test_other_tokens_are_refused(tmp_path: Path, wrong: str) -> None:
    token, line = new_token("ann", ())
    (tmp_path / "tokens").write_text(line)
    tokens = Tokens(tmp_path / "tokens")
    for guess in (wrong, token + wrong + "x", token[:-1], hashlib.sha256(token.encode()).hexdigest()):
        with pytest.raises(Unauthorized, match="The token is not known"):
            await tokens.principal(guess)


async def test_an_expired_token_is_refused_with_the_reason(tmp_path: Path) -> None:
    token, line = new_token("ann", (), datetime.now(UTC) - timedelta(seconds=1))
    (tmp_path / "tokens").write_text(line)
    with pytest.raises(Unauthorized, match="The token has expired"):
        await Tokens(tmp_path / "tokens").principal(token)


async def test_a_token_that_is_removed_from_the_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watched_files, "LOOK_SECONDS", 0)
    first, line = new_token("ann", ())
    second, other = new_token("bob", ())
    file = tmp_path / "tokens"
    file.write_text(f"{line}\n")
    tokens = Tokens(file)
    await tokens.principal(first)
    file.write_text(f"# only bob\n{other}\n")
    assert (await tokens.principal(second)).user == "bob"
    with pytest.raises(Unauthorized):
        await tokens.principal(first)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- {user: ann}", r"0\.sha256: Field required"),
        (f"- {{user: '', sha256: {'0' * 64!r}}}", r"0\.user: "),
        ("- {user: ann, sha256: abc}", r"0\.sha256: "),
        (f"- {{user: ann, sha256: {'a' * 64!r}, group: x}}", r"0\.group: Extra inputs"),
        (f"- {{user: ann, user: bob, sha256: {'a' * 64!r}}}", "the key 'user' is there twice"),
        (f"- &x {{user: ann, sha256: {'a' * 64!r}}}\n- *x", "is there twice"),
        ("- [", "is not YAML"),
        ("words", "valid list"),
    ],
)
def test_a_wrong_file_has_a_message_of_one_line(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "tokens").write_text(text)
    with pytest.raises(SettingsError, match=words) as refused:
        Tokens(tmp_path / "tokens")
    assert "\n" not in str(refused.value)
    assert str(refused.value).startswith("--auth-tokens ")
