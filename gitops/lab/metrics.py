"""Answers the metrics API for pods that nobody runs.

The real autoscaler needs a usage for each pod before it computes anything; without one it fills the recording with
FailedGetResourceMetric warnings that no healthy cluster has. The window is a second, so that a pod counts as soon as it
is ready. A pod uses a fixed share of its CPU request: 60 %, or
what the label `lab/cpu-percent` of its namespace says.

    metrics.py STATE PORT      STATE as made by control-plane
"""

import json
import ssl
import sys
import urllib.parse
import urllib.request
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

GROUP = "metrics.k8s.io/v1beta1"


class Api:
    """The API server, read with the lab's own token."""

    def __init__(self, state: Path) -> None:
        self.token = (state / "tokens.csv").read_text().split(",")[0]
        self.base = f"https://127.0.0.1:{int((state / 'port').read_text()) + 2}"
        self.tls = ssl._create_unverified_context()  # loopback, self-signed, of this folder

    def get(self, path: str) -> Any:
        request = urllib.request.Request(self.base + path, headers={"Authorization": f"Bearer {self.token}"})
        with urllib.request.urlopen(request, context=self.tls, timeout=10) as answer:
            return json.load(answer)


def millicores(quantity: str) -> int:
    return int(quantity[:-1]) if quantity.endswith("m") else int(float(quantity) * 1000)


def usage(pod: dict[str, Any], percent: int) -> dict[str, Any]:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    containers = []
    for container in pod["spec"]["containers"]:
        requests = container.get("resources", {}).get("requests", {})
        cpu = millicores(requests.get("cpu", "100m")) * percent // 100
        containers.append({"name": container["name"], "usage": {"cpu": f"{cpu}m", "memory": "96Mi"}})
    meta = {key: pod["metadata"].get(key) for key in ("name", "namespace", "labels")}
    return {
        "kind": "PodMetrics",
        "apiVersion": GROUP,
        "metadata": meta,
        "timestamp": now,
        "window": "1s",
        "containers": containers,
    }


def answer(api: Api, path: str) -> Any:
    url = urllib.parse.urlsplit(path)
    parts = url.path.strip("/").split("/")
    if len(parts) != 6 or parts[3] != "namespaces" or parts[5] != "pods":
        pods = {"name": "pods", "singularName": "", "namespaced": True, "kind": "PodMetrics", "verbs": ["list"]}
        return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": GROUP, "resources": [pods]}
    namespace = api.get(f"/api/v1/namespaces/{parts[4]}")
    percent = int(namespace["metadata"].get("labels", {}).get("lab/cpu-percent", 60))
    query = {"labelSelector": urllib.parse.parse_qs(url.query).get("labelSelector", [""])[0]}
    pods = api.get(f"/api/v1/namespaces/{parts[4]}/pods?{urllib.parse.urlencode(query)}")
    return {
        "kind": "PodMetricsList",
        "apiVersion": GROUP,
        "metadata": {},
        "items": [usage(p, percent) for p in pods["items"]],
    }


def main() -> None:
    state, port = Path(sys.argv[1]), int(sys.argv[2])
    api = Api(state)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(answer(api, self.path)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(state / "certificates/apiserver.crt", state / "certificates/apiserver.key")
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
