"""Gitea and Forgejo: one API, another server."""
