"""Sites as processes on this machine: a folder each, free ports on loopback. The first founds the federation, every other one joins by an invitation.

All of it is under one temporary folder. What is started here is ended here, by process id: a daemon when it is asked
to, and the runs that it leaves running (that is its habit, so that a restart finds them) after it.
"""
import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from command import DemoError, get, hansa

READY_S = 30
END_S = 10
PREFIX = "hansa-demo."


def free_ports(count):
    """Ports that nobody uses now, below those that Linux gives to outgoing connections."""
    ports = []
    for port in random.sample(range(20000, 32000), 2000):
        if len(ports) == count:
            return ports
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            ports.append(port)
    raise DemoError("no free ports between 20000 and 32000 on 127.0.0.1")


class Site:
    def __init__(self, plan, folder: Path, programs: Path):
        self.plan, self.name, self.folder, self.programs = plan, plan.name, folder, programs
        self.socket = folder / "hansa.sock"
        self.config = folder / "hansad.toml"
        self.process = None

    def hansa(self, *arguments, cwd=None):
        return hansa(self.programs / "hansa", self.socket, *arguments, cwd=cwd)

    def get(self, target):
        return get(self.socket, target)

    def make(self, ports):
        options = ["--site", self.name, "--region", self.plan.region, "--listen", f"tcp://127.0.0.1:{ports[0]}",
                   "--bulk-listen", f"tcp://127.0.0.1:{ports[1]}", "--backend", self.plan.backend]
        for pool in self.plan.pool_options():
            options += ["--pool", pool]
        made = self.hansa("init", self.folder, *options)
        if made.code != 0:
            raise DemoError(f"hansa init {self.name} failed: {made.err}")
        text = self.config.read_text(encoding="utf-8")
        self.config.write_text(f'enrol_listen = "tcp://127.0.0.1:{ports[2]}"\n' + text, encoding="utf-8")

    def must(self, *arguments):
        """What the command prints."""
        done = self.hansa(*arguments)
        if done.code != 0:
            raise DemoError(f"hansa {arguments[0]} at {self.name} failed: {done.err}")
        return done.out.strip()

    def start(self):
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen([self.programs / "hansad", "--config", self.config], stdout=log,
                                            stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)

    def is_ready(self):
        if self.process.poll() is not None:
            raise DemoError(f"{self.name}'s daemon ended with {self.process.returncode}: {self.last_words()}")
        status = self.get("/v1/status")
        return bool(status and status["ready"])

    def sees(self):
        """Names of the sites that this one knows to be alive, itself included."""
        sites = self.get("/v1/sites") or {"sites": []}
        return {site["site"] for site in sites["sites"] if site["self"] or site["state"] == "alive"}

    def last_words(self):
        try:
            return (self.folder / "log").read_text(errors="replace").strip().splitlines()[-1]
        except (OSError, IndexError):
            return "it left no word"


class Federation:
    def __init__(self, scenario, programs: Path):
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        self.folder.chmod(0o755)  # jobs run as another user when this is root
        self.sites = {plan.name: Site(plan, self.folder / plan.name, programs) for plan in scenario.sites}

    def make(self):
        ports = free_ports(3 * len(self.sites))
        for i, site in enumerate(self.sites.values()):
            site.make(ports[3 * i:3 * i + 3])

    def join(self, names):
        """The first of all sites founds the federation; the others of `names` join by one line each."""
        founder = next(iter(self.sites.values()))
        for name in names:
            if name == founder.name:
                founder.must("federation", "create", "suzhou")
            else:
                self.sites[name].must("join", founder.must("invite", "--site", name, "--quiet"))

    def running(self):
        return [site for site in self.sites.values() if site.process]

    def open(self, names, wait):
        """Starts these sites; returns when every running site sees every other one."""
        for name in names:
            self.sites[name].start()
        wanted = {site.name for site in self.running()}
        wait(READY_S, lambda: all(site.is_ready() for site in self.running()), "every daemon to be ready")
        self.join(names)
        wait(READY_S, lambda: all(site.sees() >= wanted for site in self.running()), "all sites to see each other")

    def end(self):
        """Ends the daemons, then what they left running, then the folder."""
        for site in self.running():
            if site.process.poll() is None:
                site.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + END_S
        for site in self.running():
            try:
                site.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                site.process.kill()
                site.process.wait()
        end_leftovers(self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)


def processes():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def end_leftovers(folder: Path):
    """Runs whose daemon is gone: the processes whose working folder or command line is inside `folder`."""
    for _ in range(20):
        left = [pid for pid in processes() if is_inside(pid, folder)]
        if not left:
            return
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.05)


def is_inside(pid, folder: Path):
    if pid == os.getpid():
        return False
    try:
        if Path(os.readlink(f"/proc/{pid}/cwd")).is_relative_to(folder):
            return True
        return f"{folder}/".encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
