"""Which registry an object is recorded in, and which registries get the token of the controller."""

from typing import Any

import pytest
from controller_support.world import ELSEWHERE, MODEL, NUMBER, P, World

SERVICE = "http://registry.kubeflow.svc.cluster.local:8080"
INSIDE, OUTSIDE = {"Bearer secret"}, {""}


async def made(cluster: World, labels: dict[str, str] | None = None, url: str = "", *flags: str) -> dict[str, set[str]]:
    """Starts a controller with one object; returns the tokens by host."""
    await cluster.start(*flags)
    cluster.create("model", {MODEL: cluster.model, **(labels or {})}, {P + "url": url} if url else {})
    await cluster.until(lambda: cluster.events("model") or NUMBER in cluster.meta("model")["labels"])
    return cluster.wire.tokens


async def test_the_only_service_of_the_namespace_is_used_and_gets_the_token(cluster: World) -> None:
    assert await made(cluster) == {"registry.kubeflow.svc.cluster.local": INSIDE}


async def test_labels_name_another_service(cluster: World) -> None:
    cluster.service("kubeflow", "second")
    cluster.service("elsewhere", "third")
    assert await made(cluster, {P + "name": "second"}) == {"second.kubeflow.svc.cluster.local": INSIDE}
    cluster.create("other", {MODEL: cluster.model, P + "namespace": "elsewhere"})
    await cluster.idle()
    assert cluster.wire.tokens["third.elsewhere.svc.cluster.local"] == INSIDE


@pytest.mark.parametrize(
    ("ports", "scheme_and_port"),
    [
        ({"https-api": 8443}, "https://registry.kubeflow.svc.cluster.local:8443"),
        ({"https-api": 8443, "http-api": 80}, "http://registry.kubeflow.svc.cluster.local:80"),
    ],
)
async def test_ports_are_found_by_name(cluster: World, ports: dict[str, int], scheme_and_port: str) -> None:
    cluster.service("kubeflow", "registry", ports)
    await made(cluster)
    [address] = cluster.controller._pool.known
    assert address.url == scheme_and_port


@pytest.mark.parametrize(
    ("url", "token"),
    [
        (ELSEWHERE, OUTSIDE),
        (f"{ELSEWHERE}:8080/", OUTSIDE),
        (SERVICE, INSIDE),
        ("http://registry.kubeflow.svc:8080", INSIDE),
        ("http://REGISTRY.kubeflow.svc.cluster.local", INSIDE),
        ("http://other.kubeflow.svc.cluster.local", OUTSIDE),
        ("http://registry.kubeflow.svc.cluster.local.example.com", OUTSIDE),
        ("http://registry.kubeflow", OUTSIDE),
        ("http://a.registry.kubeflow.svc.cluster.local", OUTSIDE),
        ("http://trusted.example.com", INSIDE),
        ("https://trusted.example.com:8443", INSIDE),
        ("http://eviltrusted.example.com", OUTSIDE),
        ("http://port.example.com:81", INSIDE),
        ("http://port.example.com:82", OUTSIDE),
        ("http://127.0.0.1:9", OUTSIDE),
        ("http://[::1]:9", OUTSIDE),
    ],
)
async def test_the_token_goes_to_registries_in_the_cluster_and_to_trusted_hosts_only(
    cluster: World, url: str, token: set[str]
) -> None:
    tokens = await made(cluster, None, url, "--trusted-hosts=trusted.example.com, port.example.com:81")
    assert cluster.events("model") == []
    assert list(tokens.values()) == [token]


@pytest.mark.parametrize(
    "url",
    [
        "registry.example.com",
        "ftp://registry",
        "http://",
        "http://a:b",
        "http://a:99999999",
        "http://registry.kubeflow.svc.cluster.local@evil.example.com",
        "http://user:password@registry",
        "http://a?b",
        "http://a#b",
        "http://a b",
        "http://a\\@registry.kubeflow.svc",
        "javascript:alert(1)",
        "http://[::1",
    ],
)
async def test_an_annotation_that_is_no_address_gets_an_event(cluster: World, url: str) -> None:
    tokens = await made(cluster, None, url)
    assert (cluster.events("model"), tokens) == (["InvalidAddress"], {})
    assert "must be an address such as https://registry.example.com" in cluster.messages("model")
    cluster.delete("model")
    assert not cluster.exists("model")


async def test_a_service_that_stands_for_a_host_outside_gets_no_token(cluster: World) -> None:
    cluster.service("kubeflow", "registry", type="ExternalName", externalName="evil.example.com")
    assert await made(cluster) == {"registry.kubeflow.svc.cluster.local": OUTSIDE}


async def test_the_outer_address_of_a_service_is_used_without_the_token(cluster: World) -> None:
    cluster.service(
        "kubeflow", "registry", annotations={"routing.kubeflow.org/external-address-rest": "out.example.com:443"}
    )
    assert await made(cluster) == {"out.example.com": OUTSIDE}


async def test_namespaces_for_the_token_can_be_limited(cluster: World) -> None:
    cluster.service("team", "own")
    tokens = await made(cluster, {P + "namespace": "team"}, "", "--token-namespaces=kubeflow")
    assert tokens == {"own.team.svc.cluster.local": OUTSIDE}


@pytest.mark.parametrize(
    ("labels", "ports", "reason", "words"),
    [
        ({P + "namespace": "empty"}, None, "NoRegistry", "label component=model-registry in the namespace empty"),
        ({P + "name": "missing"}, None, "NoRegistry", "There is no Service missing in the namespace kubeflow"),
        ({}, {"http": 80}, "NoPort", "unable to find the http port in the Model Registry service kubeflow/registry"),
        ({P + "namespace": "two"}, None, "SeveralRegistries", "(one, two): name one by the label"),
    ],
)
async def test_an_event_says_why_no_registry_is_found(
    cluster: World, labels: dict[str, str], ports: dict[str, int] | None, reason: str, words: str
) -> None:
    cluster.service("kubeflow", "registry", ports)
    for name in ("two", "one"):
        cluster.service("two", name)
    await made(cluster, labels)
    assert cluster.events("model") == [reason]
    assert words in cluster.messages("model")
    assert cluster.meta("model").get("finalizers") is None


async def test_a_service_that_appears_is_used_at_once(cluster: World) -> None:
    cluster.api.remove("/api/v1/namespaces/kubeflow/services/registry")
    await made(cluster)
    assert cluster.events("model") == ["NoRegistry"]
    pauses: Any = cluster.controller._queue._timers
    assert pauses
    cluster.service("kubeflow", "registry")
    await cluster.idle()
    assert (await cluster.entry("model"))["desiredState"] == "DEPLOYED"
