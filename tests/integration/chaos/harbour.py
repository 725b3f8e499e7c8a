"""A site of the chaos test: a real daemon that is killed, stopped, robbed of its disk and started again.

Its state lies on a small tmpfs of its own where this process may mount one, so that its disk can be full without
anybody else's being so.
"""
import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "federation"))
from sites import PROGRAMS, Site, wait_until  # noqa: E402,F401  pylint: disable=wrong-import-position,unused-import

DISK_MIB = 48
GRACE_S = 1
SETTINGS = (("gossip", "protocol_period_ms = 200"),
            ("link", "handshake_ms = 1500\nheartbeat_ms = 300\nsilence_max_ms = 1500"),
            ("placement", "margin_ms = 500\ncall_again_ms = 500"),
            ("backend", f"grace_s = {GRACE_S}"),
            ("limits", 'disk_free_bytes_min = "1MiB"\nchunk_store_bytes_max = "64MiB"'))


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout_s):
        super().__init__("localhost", timeout=timeout_s)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class ChaosSite(Site):
    def __init__(self, folder, name, network):
        super().__init__(folder, name, ["name=cpu,nodes=2,cpus=4,memory_gb=8"], address=network.address(name),
                         inside=network.inside(name))
        for section, line in SETTINGS:
            self.set(section, line)
        self.state = os.path.join(self.folder, "state")
        self.filler = os.path.join(self.state, "filler")
        self.own_disk = self._mount()
        self.life = 0        # counts its stores
        self.frozen = False
        self.held = False    # down, and only who took it down brings it back
        self.wanted = False  # should be up
        self.disk_is_full = False
        self.starts_again = 0
        self.up_since_s = 0.0
        self.kills = 0

    def _mount(self):
        if os.geteuid() != 0:
            return False
        options = f"size={DISK_MIB}m,mode=0711"
        return subprocess.run(["mount", "-t", "tmpfs", "-o", options, "hansa-chaos", self.state],
                              check=False, capture_output=True).returncode == 0

    # Up and down
    def up(self):
        self.wanted = True
        self.up_since_s = time.monotonic()
        self.launch()

    def start(self):
        """As who looks after daemons would: again, when the last one's lock outlived it for a moment."""
        while True:
            try:
                return super().start()
            except AssertionError:
                if not self.refused_by_the_dead():
                    raise
                self.starts_again += 1

    def refused_by_the_dead(self):
        """Whether its last start was refused because a daemon uses the folder that is no more.

        A wrapper that is being started has the daemon's descriptors until it is exec'd, and with them its lock.
        """
        holder = re.search(r"the process (\d+) uses it", self.log().splitlines()[-1])
        return holder is not None and not os.path.exists(f"/proc/{holder[1]}")

    def up_for_s(self):
        return time.monotonic() - self.up_since_s if self.running() else 0.0

    def kill_hard(self):
        self.wanted = False
        self.frozen = False
        self.kills += self.process is not None
        self.kill()

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)
        self.frozen = True

    def thaw(self):
        if self.frozen and self.process:
            self.process.send_signal(signal.SIGCONT)
        self.frozen = False

    def running(self):
        return self.process is not None and self.process.poll() is None

    # Its disk
    def fill_disk(self):
        self.disk_is_full = True
        with open(self.filler, "wb", buffering=0) as file:
            for piece in (1 << 20, 4096):
                try:
                    while file.write(bytes(piece)):
                        pass
                except OSError:
                    continue

    def empty_disk(self):
        if os.path.exists(self.filler):
            os.unlink(self.filler)
        self.disk_is_full = False

    def lose_journal(self, whole):
        for name in os.listdir(self.state):
            if name == "journal.db" or (whole and name.startswith("journal.db")):
                os.unlink(os.path.join(self.state, name))

    @contextlib.contextmanager
    def without_log(self):
        log = os.path.join(self.state, "journal.db-wal")
        os.rename(log, log + ".aside")
        try:
            yield
        finally:
            os.rename(log + ".aside", log)

    # What it says
    def ask(self, path, timeout_s=3.0):
        """(status, JSON), or (None, why) while it doesn't answer."""
        connection = UnixConnection(os.path.join(self.folder, "hansa.sock"), timeout_s)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or "null")
        except (OSError, http.client.HTTPException, ValueError) as error:
            return None, str(error)
        finally:
            connection.close()

    def ready(self):
        return self.ask("/v1/status")[0] == 200

    def jobs(self, timeout_s=3.0):
        """Every job submitted here, by id; None while it doesn't answer."""
        found = {}
        # First those that are not over: one that ends between the two questions is then listed by the second.
        for history in (0, 1):
            status, answer = self.ask(f"/v1/jobs?history={history}&guests=0&limit=10000", timeout_s)
            if status != 200:
                return None
            found.update((job["id"], job) for job in answer["jobs"])
        return found

    def try_to_start(self):
        """A start that is expected to be refused, beside what runs: (exit code, what it says)."""
        words = [*self.inside, f"{PROGRAMS}/hansad", "--config", self.config]
        try:
            done = subprocess.run(words, text=True, capture_output=True, timeout=20, check=False)
        except subprocess.TimeoutExpired:
            return None, "it runs"
        return done.returncode, done.stderr.strip()

    # Its runs' wrappers
    def shims(self):
        """(pid, run folder's name) of each wrapper that lives."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/cmdline", "rb") as file:
                    words = file.read().decode(errors="replace").split("\0")
            except OSError:
                continue
            if len(words) > 1 and words[0].endswith("hansa-shim") and words[1].startswith(self.state + "/"):
                found.append((int(pid), words[1].split("/")[-2]))
        return found

    def remove(self):
        self.kill_hard()
        for pid, _ in self.shims():
            os.kill(pid, signal.SIGKILL)
        if self.own_disk:
            subprocess.run(["umount", "-l", self.state], check=False)
