"""The pinned binary, a cache of the session's own, and a policies folder a test may change."""

from tests.contract.policy_engine.conftest import bundle, cache, opa, policies

__all__ = ["bundle", "cache", "opa", "policies"]
