module example.org/flows

go 1.23

require github.com/kubeflow/model-registry/pkg/openapi v0.3.2
