"""Renderers: kustomize, Helm and plain manifests, each as the GitOps controller would render them."""
