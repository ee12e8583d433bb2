"""Settings: arguments, environment, and files with credentials."""

import base64
import json
from pathlib import Path

import pytest
from model_registry_upload_job.command import job_id
from model_registry_upload_job.problems import UploadError
from model_registry_upload_job.settings.options import OPTIONS
from model_registry_upload_job.settings.reading import read


def test_an_argument_wins_over_the_environment_and_a_default_is_last() -> None:
    settings = read(["--source-uri", "hf://a/b"], {"MODEL_SYNC_SOURCE_URI": "x", "MODEL_SYNC_SOURCE_TYPE": "uri"})
    assert settings.text("source-uri") == "hf://a/b"
    assert settings.text("source-type") == "uri"
    assert settings.text("destination-type") == "oci"


def test_files_with_credentials_win_and_their_line_ends_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "AWS_ACCESS_KEY_ID").write_text("key\n")
    (tmp_path / "AWS_S3_ENDPOINT").write_text("http://minio:9000\n")
    (tmp_path / "AWS_S3_BUCKET").write_text("models\r\n")
    environment = {"MODEL_SYNC_SOURCE_AWS_BUCKET": "other", "MODEL_SYNC_SOURCE_S3_CREDENTIALS_PATH": str(tmp_path)}
    settings = read(["--source-aws-access-key-id", "argument"], environment)
    found = [settings.text(f"source-aws-{name}") for name in ("access-key-id", "endpoint", "bucket")]
    assert found == ["key", "http://minio:9000", "models"]


@pytest.mark.parametrize(
    ("name", "registry"),
    [
        ("quay.io", "quay.io"),
        ("https://quay.io", "quay.io"),
        ("https://quay.io/v1/", "quay.io"),
        ("registry.local", "registry.local:5000"),
        ("https://index.docker.io/v1/", "docker.io"),
    ],
)
@pytest.mark.parametrize("encode", [lambda text: base64.b64encode(text).decode(), bytes.decode])
def test_a_docker_config_names_a_registry_in_several_ways(
    tmp_path: Path, name: str, registry: str, encode: "object"
) -> None:
    file = tmp_path / ".dockerconfigjson"
    file.write_text(json.dumps({"auths": {name: {"auth": encode(b"user:pass:word")}}}))  # type: ignore[operator]
    settings = read(["--destination-oci-credentials-path", str(file), "--destination-oci-registry", registry], {})
    assert settings.text("destination-oci-username") == "user"
    assert settings.text("destination-oci-password") == "pass:word"


@pytest.mark.parametrize("word", ["yes", "Y", "TRUE", "t", "1"])
def test_flags_have_several_words(word: str) -> None:
    assert read(["--registry-is-secure", word], {}).flag("registry-is-secure")
    assert not read([], {"MODEL_SYNC_REGISTRY_IS_SECURE": "f"}).flag("registry-is-secure")
    assert read(["--sign"], {}).flag("sign")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--registry-port", "http"], "--registry-port must be a whole number; got 'http'."),
        (["--registry-is-secure", "perhaps"], "--registry-is-secure must be yes or no; got 'perhaps'."),
        (["--source-type", "ftp"], "--source-type must be one of s3, oci, uri; got 'ftp'."),
        (["--unknown", "x"], "Unrecognized arguments: --unknown x. mr-upload-job --help lists the options."),
        (["--source-s3-credentials-path", "/nowhere"], "The folder with credentials /nowhere does not exist."),
    ],
)
def test_a_setting_that_does_not_fit_is_named(arguments: list[str], reason: str) -> None:
    with pytest.raises(UploadError) as raised:
        read(arguments, {})
    assert str(raised.value).startswith(reason)


def test_the_id_of_a_job_stays_for_its_second_pod_and_differs_for_another_job() -> None:
    settings = read(["--source-uri", "hf://a/b", "--registry-user-token", "secret"], {})
    renewed = read(["--source-uri", "hf://a/b", "--registry-user-token", "renewed"], {})
    pods = [
        {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "HOSTNAME": f"upload-{end}"}
        for end in ("7-abcde", "7-fghij", "8-abcde")
    ]
    first, second, other = (job_id(each, pod) for each, pod in zip((settings, renewed, settings), pods, strict=True))
    assert first == second
    assert first[1]
    assert other != first
    assert not job_id(settings, {})[1]
    assert job_id(read(["--job-id", "mine"], {}), {}) == ("mine", True)


def test_secrets_are_marked() -> None:
    words = ("password", "token", "secret", "access-key")
    assert {each.name for each in OPTIONS if any(word in each.name for word in words) and not each.is_secret} == {
        "registry-user-token-envvar",
        "signing-identity-token-path",
    }
