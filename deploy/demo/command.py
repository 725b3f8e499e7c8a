"""Talking to a site as users do: the `hansa` command, and for what is watched all the time the API on its socket."""
import http.client
import json
import os
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

PATIENCE_S = 60


class DemoError(Exception):
    """Something that the demo can't go on without; the text is for people."""


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str


class SocketConnection(http.client.HTTPConnection):
    def __init__(self, path: Path, timeout_s: float):
        super().__init__("localhost", timeout=timeout_s)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


def user_environment(socket_path: Path):
    """What a user's shell would have: little, so that jobs carry nothing of this machine's with them."""
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": os.environ.get("HOME", "/"), "LANG": "C.UTF-8",
            "HANSA_SOCKET": str(socket_path)}


def hansa(program: Path, socket_path: Path, *arguments, cwd=None) -> Answer:
    done = subprocess.run([program, *map(str, arguments)], env=user_environment(socket_path), cwd=cwd, text=True,
                          capture_output=True, timeout=PATIENCE_S, stdin=subprocess.DEVNULL, check=False)
    return Answer(done.returncode, done.stdout.strip(), done.stderr.strip())


def get(socket_path: Path, target: str, timeout_s: float = 3):
    """One answer of the API, or None while the site can't give one."""
    connection = SocketConnection(socket_path, timeout_s)
    try:
        connection.request("GET", target)
        response = connection.getresponse()
        body = response.read()
        return json.loads(body) if response.status == 200 else None
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
