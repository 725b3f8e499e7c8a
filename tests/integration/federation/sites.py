"""Real daemons on loopback, each in a folder of its own: started, asked, killed and started again by tests."""
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

PROGRAMS = os.environ.get("HANSA_PROGRAMS", "build/bin")
DEADLINE_S = float(os.environ.get("HANSA_TEST_DEADLINE_S", "60"))


def wait_until(condition, what, deadline_s=DEADLINE_S):
    """The condition's first true value. Fails with `what` when it stays false."""
    end = time.monotonic() + deadline_s
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError(f"not within {deadline_s:.0f} s: {what}")


def free_port_pair():
    """Two neighbouring ports that nobody uses: the control lane's and the bulk lane's. Below those of outgoing connections,
    one of which would be in the way of a site that is started again."""
    for _ in range(200):
        port = random.randrange(20000, 32000, 2)
        try:
            for each in (port, port + 1):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", each))
            return port
        except OSError:
            continue
    raise AssertionError("no free ports")


class Site:
    def __init__(self, folder, name, pools, extra=(), address="127.0.0.1", inside=()):
        """`inside`: what its daemon is started with, to be in another network than this process."""
        self.name = name
        self.folder = os.path.join(folder, name)
        self.port = free_port_pair()
        self.inside = list(inside)
        self.process = None
        words = ["init", self.folder, "--site", name, "--region", "cn/east/test",
                 "--listen", f"tcp://{address}:{self.port}", *extra]
        for pool in pools:
            words += ["--pool", pool]
        subprocess.run([f"{PROGRAMS}/hansa", *words], check=True, capture_output=True)

    @property
    def config(self):
        return os.path.join(self.folder, "hansad.toml")

    def set(self, section, line):
        """Adds a key below a section's header, or a new section at the end."""
        with open(self.config, encoding="utf-8") as file:
            text = file.read()
        header = f"[{section}]\n"
        if f"\n{header}" in text:
            text = text.replace(f"\n{header}", f"\n{header}{line}\n", 1)
        else:
            text += f"\n{header}{line}\n"
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(text)

    def keep_state_in(self, folder):
        with open(self.config, encoding="utf-8") as file:
            text = file.read()
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(f"state = '{folder}'\n" + re.sub(r"(?m)^state = .*\n", "", text))

    def know(self, other, endpoints=None):
        """Adds the other as a peer; dialled at these endpoints, control lane and bulk lane, instead of its own."""
        table = subprocess.run([f"{PROGRAMS}/hansad", "--peer", other.config], check=True, capture_output=True,
                               text=True).stdout
        if endpoints:
            for key, endpoint in zip(("endpoints", "bulk_endpoints"), endpoints):
                table = re.sub(rf'^{key} = .*$', f'{key} = ["{endpoint}"]', table, flags=re.MULTILINE)
        with open(self.config, "a", encoding="utf-8") as file:
            file.write("\n" + table)

    def launch(self):
        with open(os.path.join(self.folder, "log"), "ab") as log:
            self.process = subprocess.Popen([*self.inside, f"{PROGRAMS}/hansad", "--config", self.config],
                                            stdout=log, stderr=log)
        return self

    def start(self):
        self.launch()
        wait_until(lambda: self.hansa("sites").returncode == 0 or self.process.poll() is not None, f"{self.name} answers")
        assert self.process.poll() is None, self.log()
        return self

    def stop(self, number=signal.SIGTERM):
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(timeout=DEADLINE_S)
        self.process = None

    def kill(self):
        self.stop(signal.SIGKILL)

    def log(self):
        with open(os.path.join(self.folder, "log"), encoding="utf-8", errors="replace") as file:
            return file.read()

    def hansa(self, *words, **options):
        environment = dict(os.environ, HANSA_SOCKET=os.path.join(self.folder, "hansa.sock"))
        return subprocess.run([f"{PROGRAMS}/hansa", *words], env=environment, text=True, capture_output=True,
                              timeout=DEADLINE_S, **options)

    def submit(self, *words, **options):
        done = self.hansa("submit", "--parsable", "--time", "5m", *words, **options)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def job(self, job_id):
        done = self.hansa("job", job_id, "--json")
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        return found["jobs"][0] if "jobs" in found else found

    def state(self, job_id):
        return self.job(job_id)["state"]

    def wait_for(self, job_id, *states):
        return wait_until(lambda: self.state(job_id) in states and self.job(job_id),
                          f"{job_id} is {' or '.join(states)} (it is {self.job(job_id)})")

    def sees(self, *others):
        """Waits until the others are alive here, and what they have is known."""
        def known():
            sites = json.loads(self.hansa("sites", "--json").stdout or '{"sites":[]}')["sites"]
            told = {site["site"] for site in sites
                    if site["connected"] and all(pool["units_free"] is not None for pool in site["pools"])}
            return all(other.name in told for other in others)
        wait_until(known, f"{self.name} knows what {[other.name for other in others]} have\n{self.log()}")


class Federation:
    """Sites that all know each other. Ends every process and removes every file it made."""

    def __init__(self, **pools):
        self.folder = tempfile.mkdtemp(prefix="hansa-test-")
        os.chmod(self.folder, 0o755)
        self.witness = os.path.join(self.folder, "witness")
        os.mkdir(self.witness)
        os.chmod(self.witness, 0o777)
        self.sites = {name: Site(self.folder, name, [pool] if isinstance(pool, str) else pool)
                      for name, pool in pools.items()}
        for site in self.sites.values():
            for other in self.sites.values():
                if other is not site:
                    site.know(other)

    def __getattr__(self, name):
        try:
            return self.__dict__["sites"][name]
        except KeyError:
            raise AttributeError(name) from None

    def start(self):
        try:
            for site in self.sites.values():
                site.start()
            for site in self.sites.values():
                site.sees(*(other for other in self.sites.values() if other is not site))
        except BaseException:
            self.close()
            raise
        return self

    def starts_of(self, mark):
        """How often a job that runs witnessed(mark, …) has started."""
        path = os.path.join(self.witness, mark)
        if not os.path.exists(path):
            return 0
        with open(path, encoding="utf-8") as file:
            return sum(line.startswith("start") for line in file)

    def witnessed(self, mark, script):
        path = os.path.join(self.witness, mark)
        return f"echo start $HANSA_SITE >> {path}; {script}; echo end >> {path}"

    def close(self):
        for site in self.sites.values():
            site.kill()
        subprocess.run(["pkill", "-KILL", "-f", f"hansa-shim.*{self.folder}"], check=False)
        for _ in range(20):
            shutil.rmtree(self.folder, ignore_errors=True)
            if not os.path.exists(self.folder):
                return
            time.sleep(0.1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
