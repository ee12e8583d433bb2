"""MLflow's prompts, which it keeps in the model registry."""

import logging
import uuid
import warnings

warnings.filterwarnings("ignore")
logging.getLogger("mlflow").setLevel(logging.ERROR)

import mlflow  # noqa: E402
from mlflow import MlflowClient  # noqa: E402


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
