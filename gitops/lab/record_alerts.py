"""Sends the examples' alerts through a real Alertmanager and keeps what its webhook delivers.

    python record_alerts.py STATE [FIRST_PORT]

Needs `prometheus-alertmanager` (the Debian package's name) or `alertmanager` on PATH. Both ends listen on 127.0.0.1.
"""

import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import alerts_of_services
import alerts_of_workloads
from alert_forms import posted
from lab import HERE, now, say

RUNBOOKS = Path(os.environ.get("RUNBOOKS", HERE.parents[1] / "runbooks"))
EXAMPLES = {**alerts_of_workloads.EXAMPLES, **alerts_of_services.EXAMPLES}
# Every label is its own group: a file is about one thing, whatever else is firing.
CONFIG = """\
route: {{receiver: penstock, group_by: ['...'], group_wait: 1s, group_interval: 5m, repeat_interval: 4h}}
receivers:
  - name: penstock
    webhook_configs:
      - url: http://127.0.0.1:{port}/v1/signals/alertmanager
        send_resolved: true
"""


def listen(port: int, bodies: "queue.Queue[bytes]") -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.put(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def answers(url: str) -> bool:
    try:
        return bool(urllib.request.urlopen(url, timeout=2).status == 200)
    except OSError:
        return False


def main() -> None:
    state, port = Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else 7140
    state.mkdir(parents=True, exist_ok=True)
    program = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
    if not program:
        raise SystemExit("no Alertmanager on PATH: install prometheus-alertmanager")
    shutil.rmtree(state / "data", ignore_errors=True)  # it would remember what it has notified
    (state / "alertmanager.yml").write_text(CONFIG.format(port=port + 1))
    bodies: queue.Queue[bytes] = queue.Queue()
    server = listen(port + 1, bodies)
    base = f"http://127.0.0.1:{port}"
    options = [
        "--config.file",
        state / "alertmanager.yml",
        "--storage.path",
        state / "data",
        "--cluster.listen-address=",
    ]
    options += [f"--web.listen-address=127.0.0.1:{port}", "--web.external-url=http://alertmanager.example.com"]
    with (state / "alertmanager.log").open("wb") as log:
        process = subprocess.Popen([program, *map(str, options)], stdout=log, stderr=log)
    try:
        while not answers(f"{base}/-/ready"):
            time.sleep(0.2)
        for file, firing in EXAMPLES.items():
            body = json.dumps(posted(firing, now())).encode()
            request = urllib.request.Request(f"{base}/api/v2/alerts", body, {"Content-Type": "application/json"})
            urllib.request.urlopen(request, timeout=5)
            delivered = bodies.get(timeout=15)
            if json.loads(delivered)["commonLabels"]["alertname"] != firing[0]["labels"]["alertname"]:
                raise SystemExit(f"{file}: another alert was delivered")
            folder, name = file.split("/")
            target = RUNBOOKS / folder / "examples" / f"{name}.alertmanager.json"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(delivered)
        say(f"{len(EXAMPLES)} alerts")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)
        server.shutdown()


if __name__ == "__main__":
    main()
