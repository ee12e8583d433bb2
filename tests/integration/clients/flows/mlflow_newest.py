"""What only the newest release of MLflow has: prompts, and an evaluator of filters that knows them."""

import logging
import random
import uuid
import warnings
from collections.abc import Sequence

warnings.filterwarnings("ignore")
logging.getLogger("mlflow").setLevel(logging.ERROR)

import mlflow  # noqa: E402
from mlflow import MlflowClient  # noqa: E402
from mlflow.utils.search_utils import SearchModelUtils, SearchModelVersionUtils  # noqa: E402


def a_prompt_is_registered_loaded_and_found(address: str) -> None:
    mlflow.set_registry_uri(address)
    mlflow.set_tracking_uri(address)
    client, name = MlflowClient(tracking_uri=address, registry_uri=address), f"prompt-{uuid.uuid4().hex[:10]}"
    for text in ("Hello {{name}}", "Good day {{name}}"):
        client.register_prompt(name, template=text, commit_message=text)
    assert client.load_prompt(name, version=1).template == "Hello {{name}}"
    client.set_prompt_alias(name, alias="live", version=2)
    assert client.load_prompt(f"prompts:/{name}@live").format(name="Ada") == "Good day Ada"
    assert name in [prompt.name for prompt in client.search_prompts(f"name = '{name}'")]
    assert list(client.search_registered_models(f"name = '{name}'")) == []


def filters_find_what_mlflows_own_evaluator_finds(address: str) -> None:
    mlflow.set_registry_uri(address)
    mlflow.set_tracking_uri(address)
    client, word, chance = (
        MlflowClient(tracking_uri=address, registry_uri=address),
        uuid.uuid4().hex[:8],
        random.Random(7),  # noqa: S311 (no secret)
    )
    names, values = [f"{kind}{word}" for kind in ("a", "B", "ab")], ("x", "X", "xy", "10", "a b")
    for name in names:
        client.create_registered_model(name, tags=_some_tags(chance, values))
        for number in range(4):
            run, source = f"r{number % 3}{word}", f"s3://{word}/{chance.choice(values)}"
            client.create_model_version(name, source, run_id=run, tags=_some_tags(chance, values))
    own = f"run_id LIKE '%{word}'"
    versions = list(client.search_model_versions(own))
    assert len(versions) == 12
    for version in versions:
        version._version = int(version.version)  # as in MLflow's stores, whose rows its evaluator decides
    for _ in range(60):
        text = " AND ".join([own, *(_condition(chance, names, values, word) for _ in range(chance.randint(1, 3)))])
        expected = {(each.name, str(each.version)) for each in SearchModelVersionUtils.filter(versions, text)}
        assert {(each.name, str(each.version)) for each in client.search_model_versions(text)} == expected, text
    own = f"name LIKE '%{word}'"
    models = list(client.search_registered_models(own))
    assert len(models) == 3
    for _ in range(40):
        condition = _on_tag(chance, values) if chance.random() < 0.5 else _on_text(chance, "name", names)
        text = f"{own} AND {condition}"
        expected = {each.name for each in SearchModelUtils.filter(models, text)}
        assert {each.name for each in client.search_registered_models(text)} == expected, text


def _some_tags(chance: random.Random, values: Sequence[str]) -> dict[str, str]:
    return {key: chance.choice(values) for key in ("t", "T", "odd key") if chance.random() < 0.7}


def _condition(chance: random.Random, names: Sequence[str], values: Sequence[str], word: str) -> str:
    kinds = [
        lambda: _on_tag(chance, values),
        lambda: _on_text(chance, "name", names),
        lambda: _on_text(chance, "run_id", [f"r{number}{word}" for number in range(3)]),
        lambda: f"version_number {chance.choice(['=', '!=', '<', '<=', '>', '>='])} {chance.randint(0, 5)}",
        lambda: f"source_path {chance.choice(['=', '!='])} 's3://{word}/{chance.choice(values)}'",
    ]
    return chance.choice(kinds)()


def _on_tag(chance: random.Random, values: Sequence[str]) -> str:
    key = chance.choice(["tags.t", "tag.`T`", "tags.`odd key`", "tags.none"])
    return f"{key} {chance.choice(['=', '!=', 'LIKE', 'ILIKE'])} '{chance.choice([*values, 'x%', '%y', '%'])}'"


def _on_text(chance: random.Random, key: str, texts: Sequence[str]) -> str:
    if chance.random() < 0.3:
        few = ", ".join(f"'{text}'" for text in chance.sample(list(texts), 2))
        return f"{key} IN ({few})"
    text = chance.choice([*texts, f"{texts[0][:3]}%", f"%{texts[1][1:]}"])
    return f"{key} {chance.choice(['=', '!=', 'LIKE', 'ILIKE'])} '{text}'"
