"""A network of real network namespaces: each site has an address of its own, and packets are lost for good.

Needs root, `ip`, and a kernel that lets us. A star: every namespace has one veth, whose other end is a bridge in a
namespace of the hub's own, so that nothing of it is seen in the machine's own network. A site that can't reach another
has a blackhole route to it: what it sends is gone, what the other sends arrives, and TCP's own timers do the rest.
"""
import os
import shutil
import subprocess


def ip(*words, check=True):
    return subprocess.run(["ip", *words], check=check, capture_output=True, text=True)


def inside(namespace, *words):
    # Only the network is another: `ip netns exec` would change /sys too, and with it what limits a daemon can set.
    return ["nsenter", f"--net=/run/netns/{namespace}", *words]


class Namespaces:
    kind = "network namespaces"

    def __init__(self):
        self.mark = f"hansa{os.getpid()}"
        self.addresses = {}
        self.hub = f"{self.mark}-hub"
        self.made = []
        try:
            self._make(self.hub)
            self._in(self.hub, "link", "add", "bridge", "type", "bridge")
            self._in(self.hub, "link", "set", "bridge", "up")
        except (OSError, subprocess.CalledProcessError) as error:
            self.close()
            raise OSError(getattr(error, "stderr", "") or str(error)) from None

    def _make(self, namespace):
        ip("netns", "add", namespace)
        self.made.append(namespace)

    def _in(self, namespace, *words, check=True):
        subprocess.run(inside(namespace, "ip", *words), check=check, capture_output=True, text=True)

    def _namespace(self, name):
        return f"{self.mark}-{name}"

    def address(self, name):
        if name not in self.addresses:
            self._connect(name, len(self.addresses) + 1)
        return self.addresses[name]

    def _connect(self, name, number):
        namespace, port = self._namespace(name), f"port{number}"
        self.addresses[name] = f"10.77.0.{number}"
        self._make(namespace)
        self._in(self.hub, "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", namespace)
        self._in(self.hub, "link", "set", port, "master", "bridge", "up")
        self._in(namespace, "addr", "add", f"{self.addresses[name]}/24", "dev", "eth0")
        self._in(namespace, "link", "set", "eth0", "up")
        self._in(namespace, "link", "set", "lo", "up")

    def inside(self, name):
        return inside(self._namespace(name))

    def join(self, sites):
        self.sites = {site.name: site for site in sites}
        first = sites[0].name
        if self.slow(first, first, 0.001):
            self.slow(first, first, 0.0)
        else:
            self.kind += " (no netem: nothing is delayed)"

    def endpoint(self, _, dialled, lane):
        return f"tcp://{self.addresses[dialled]}:{self.sites[dialled].port + lane}"

    def _route(self, speaker, listener, verb):
        self._in(self._namespace(speaker), "route", verb, "blackhole", self.addresses[listener] + "/32", check=False)

    def stop(self, speaker, listener):
        self._route(speaker, listener, "add")

    def cut(self, one, other):
        """Connections can't be closed from outside here: both ways are lost."""
        self.stop(one, other)
        self.stop(other, one)

    def heal(self, one, other):
        self._route(one, other, "del")
        self._route(other, one, "del")

    def slow(self, speaker, _, delay_s):
        """All that the speaker sends. False on kernels without netem."""
        words = ["netem", "delay", f"{int(delay_s * 1000)}ms", "loss", "2%"] if delay_s else []
        verb = "replace" if delay_s else "del"
        command = inside(self._namespace(speaker), "tc", "qdisc", verb, "dev", "eth0", "root", *words)
        return subprocess.run(command, check=False, capture_output=True).returncode == 0

    def repeat(self, *_):
        return False  # nobody stands between the sites here

    def close(self):
        for namespace in reversed(self.made):
            ip("netns", "del", namespace, check=False)
        self.made = []


def probe():
    """Namespaces, or why this machine has none for us."""
    if os.geteuid() != 0:
        return None, "not root"
    if not all(shutil.which(program) for program in ("ip", "nsenter", "tc")):
        return None, "ip, nsenter or tc is missing"
    try:
        network = Namespaces()
        network.address("probe")
        network.close()
        return Namespaces(), ""
    except (OSError, subprocess.CalledProcessError) as error:
        return None, (getattr(error, "stderr", "") or str(error)).strip()
