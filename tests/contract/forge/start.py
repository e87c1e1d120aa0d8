"""What every repository under contract begins with, and what a person may say of a pull request."""

from __future__ import annotations

from typing import Literal

FILES = {"apps/api.yaml": b"replicas: 2\n", "apps/web.yaml": b"replicas: 3\n"}
Said = Literal["approved", "rejected", "commented"]
