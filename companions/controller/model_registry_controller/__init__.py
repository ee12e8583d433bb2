"""A controller that keeps the deployments of a model registry in step with KServe's InferenceServices."""
