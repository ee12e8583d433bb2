# syntax=docker/dockerfile:1

# The default target, `proxy`, has only the proxy, for amd64 and arm64. It needs an MLMD server.
#   docker build -t model-registry .
# The target `embedded` also has Google's C++ store, for a first try (only amd64: on Linux there is no wheel for other processors):
#   docker build -t model-registry:embedded --target embedded .
# The target `upload-job` is the job that copies files of models and registers them (docs/upload-job.md):
#   docker build -t model-registry-upload-job --target upload-job .
# The target `storage-initializer` fetches the files of registered models for KServe (docs/storage-initializer.md):
#   docker build -t model-registry-storage-initializer --target storage-initializer .
# The target `controller` records KServe's InferenceServices in the registry (docs/controller.md):
#   docker build -t model-registry-controller --target controller .
# With a bill of materials and provenance, for both platforms:
#   docker buildx build --platform linux/amd64,linux/arm64 --sbom=true --provenance=mode=max --push -t REGISTRY/model-registry .

# The digest decides which image is used, not the tag. `docker buildx imagetools inspect python:3.11-slim-trixie` shows the newest
# digest. Google's wheel whose store can filter is built for Python 3.11, so both targets use that version and share one base.
ARG PYTHON_IMAGE=docker.io/library/python:3.11.15-slim-trixie@sha256:db3ff2e1800a8581e2c48a27c3995339d47bdf046da21c7627accd3d51053a93

FROM ${PYTHON_IMAGE} AS build
ARG UV_VERSION=0.13.9
ENV UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_NO_EDITABLE=1 \
    UV_NO_DEV=1 \
    UV_PROJECT_ENVIRONMENT=/opt/model-registry \
    UV_PYTHON_DOWNLOADS=never
RUN python -m pip install --no-cache-dir --disable-pip-version-check "uv==${UV_VERSION}"
WORKDIR /src
# Dependencies first: this layer is reused until they change.
COPY pyproject.toml uv.lock ./
RUN --mount=type=cache,target=/root/.cache/uv uv sync --frozen --extra ui --no-install-workspace
COPY README.md LICENSE ./
COPY openapi openapi
COPY converters converters
COPY model_catalog model_catalog
COPY model_registry_proxy model_registry_proxy
COPY clients/python/pyproject.toml clients/python/README.md clients/python/LICENSE clients/python/
COPY clients/python/model_registry_client clients/python/model_registry_client
COPY clients/python/model_registry_cli clients/python/model_registry_cli
COPY companions/ui/pyproject.toml companions/ui/README.md companions/ui/LICENSE companions/ui/
COPY companions/ui/model_registry_ui companions/ui/model_registry_ui
RUN --mount=type=cache,target=/root/.cache/uv uv sync --frozen --extra ui

FROM build AS build-embedded
RUN --mount=type=cache,target=/root/.cache/uv uv sync --frozen --extra ui --extra embedded && mkdir /data

FROM build AS build-upload-job
COPY companions/upload-job/pyproject.toml companions/upload-job/README.md companions/upload-job/LICENSE companions/upload-job/
COPY companions/upload-job/model_registry_upload_job companions/upload-job/model_registry_upload_job
ENV UV_PROJECT_ENVIRONMENT=/opt/upload-job
RUN --mount=type=cache,target=/root/.cache/uv uv sync --frozen --package model-registry-upload-job --extra signing

FROM build AS build-storage-initializer
COPY companions/storage-initializer/pyproject.toml companions/storage-initializer/README.md companions/storage-initializer/LICENSE companions/storage-initializer/
COPY companions/storage-initializer/model_registry_storage_initializer companions/storage-initializer/model_registry_storage_initializer
ENV UV_PROJECT_ENVIRONMENT=/opt/storage-initializer
RUN --mount=type=cache,target=/root/.cache/uv uv sync --frozen --package model-registry-storage-initializer

FROM build AS build-controller
COPY companions/controller/pyproject.toml companions/controller/README.md companions/controller/LICENSE companions/controller/
COPY companions/controller/model_registry_controller companions/controller/model_registry_controller
ENV UV_PROJECT_ENVIRONMENT=/opt/controller
RUN --mount=type=cache,target=/root/.cache/uv uv sync --frozen --package model-registry-controller

FROM ${PYTHON_IMAGE} AS runtime
LABEL org.opencontainers.image.title="Model Registry Proxy" \
      org.opencontainers.image.description="Kubeflow's model registry REST API over Google's ML Metadata" \
      org.opencontainers.image.licenses="Apache-2.0"
# The image keeps no tool that installs or builds. Manifests for the Go server call the command at the path of this link.
RUN python -m pip uninstall --yes --quiet --root-user-action=ignore pip \
    && ln -s /opt/model-registry/bin/model-registry /model-registry
COPY --chmod=0555 docker-entrypoint /usr/local/bin/docker-entrypoint
# In a container the server listens on every address. It then requires MR_AUTH. The operator decides which clients may use it.
ENV PATH=/opt/model-registry/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/nonexistent \
    MR_HOSTNAME=0.0.0.0 \
    MR_AUTH=none
EXPOSE 8080
USER 65532:65532
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=10s --start-period=60s --start-interval=2s --retries=3 CMD ["model-registry", "health"]
ENTRYPOINT ["/usr/local/bin/docker-entrypoint"]
CMD ["proxy"]

FROM ${PYTHON_IMAGE} AS upload-job
LABEL org.opencontainers.image.title="Model Registry upload job" \
      org.opencontainers.image.description="Copies the files of a model to an OCI registry or to S3, and registers them" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN python -m pip uninstall --yes --quiet --root-user-action=ignore pip
COPY --from=build-upload-job /opt/upload-job /opt/upload-job
# Fetched files lie in /tmp/model-sync: mount a volume there.
ENV PATH=/opt/upload-job/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/nonexistent
USER 65532:65532
STOPSIGNAL SIGTERM
ENTRYPOINT ["mr-upload-job"]

FROM ${PYTHON_IMAGE} AS storage-initializer
LABEL org.opencontainers.image.title="Model Registry storage initializer" \
      org.opencontainers.image.description="Fetches the files of a registered model for KServe" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN python -m pip uninstall --yes --quiet --root-user-action=ignore pip
COPY --from=build-storage-initializer /opt/storage-initializer /opt/storage-initializer
ENV PATH=/opt/storage-initializer/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/nonexistent
USER 65532:65532
STOPSIGNAL SIGTERM
ENTRYPOINT ["mr-storage-initializer"]

FROM ${PYTHON_IMAGE} AS controller
LABEL org.opencontainers.image.title="Model Registry controller" \
      org.opencontainers.image.description="Records KServe's InferenceServices in a model registry" \
      org.opencontainers.image.licenses="Apache-2.0"
# Manifests for Kubeflow's controller call the command at the path of this link.
RUN python -m pip uninstall --yes --quiet --root-user-action=ignore pip \
    && ln -s /opt/controller/bin/model-registry-controller /manager
COPY --from=build-controller /opt/controller /opt/controller
ENV PATH=/opt/controller/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/nonexistent
EXPOSE 8081
USER 65532:65532
STOPSIGNAL SIGTERM
ENTRYPOINT ["model-registry-controller"]

FROM runtime AS embedded
COPY --from=build-embedded /opt/model-registry /opt/model-registry
# The folder of the store: mount a volume here. The folder belongs to the image's user, so a new volume does too.
COPY --chown=65532:65532 --from=build-embedded /data /data
ENV MR_DATABASE=/data/registry.db
WORKDIR /data
VOLUME /data

FROM runtime AS proxy
COPY --from=build /opt/model-registry /opt/model-registry
WORKDIR /opt/model-registry
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG SOURCE=""
LABEL org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.source="${SOURCE}"
