// Argo CD's and its operator's manifests and custom resource definitions, which are read and never built.
module conformance/argocd

go 1.26

require (
	github.com/argoproj-labs/argocd-operator v0.15.0
	github.com/argoproj/argo-cd/v3 v3.2.5
)
