"""Clusters: live ones through the Kubernetes API, and recorded ones from dumps."""
