"""Ten times what a site can do, asked of real daemons.

Nothing here is timed: a neighbour on the same machine may slow everything. What is asserted is that nothing is lost,
that every request of a flood is answered by a success or by "come again later", that memory stays bounded, that probes
are answered and leases renewed, and that no member is ever suspected.
"""
import http.client
import json
import os
import random
import socket
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "federation"))
from sites import Federation, wait_until  # noqa: E402  pylint: disable=wrong-import-position

FLOOD_PEER = os.environ.get("HANSA_FLOOD_PEER", "build/tests/flood_peer")
POOL = "name=cpu,nodes=2,cpus=4,memory_gb=8"
FLOOD_S = 12
MEMORY_MIB_MORE = 400
CALLS_PER_S = 1_000  # what a site thinks about, of one caller (protocol/market/call_quota.hpp)


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=60)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def ask(site, method, path, body=None, content_type="application/json"):
    """(status, headers, JSON)"""
    connection = UnixConnection(os.path.join(site.folder, "hansa.sock"))
    try:
        connection.request(method, path, body=body, headers={"Content-Type": content_type} if body else {})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), json.loads(answer.read() or "null")
    finally:
        connection.close()


def memory_peak_mib(site):
    with open(f"/proc/{site.process.pid}/status", encoding="utf-8") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmHWM"))


class Lookout(threading.Thread):
    """Looks again and again at what the sites think of each other, and that they answer at all."""

    def __init__(self, *sites):
        super().__init__(daemon=True)
        self.sites, self.over = sites, threading.Event()
        self.looks, self.not_alive = 0, []

    def run(self):
        names = {site.name for site in self.sites}
        while not self.over.is_set():
            for site in self.sites:
                status, _, known = ask(site, "GET", "/v1/sites")
                if status != 200:
                    continue
                self.looks += 1
                self.not_alive += [f"{site.name} sees {other['site']} {other['state']}" for other in known["sites"]
                                   if other["site"] in names and other["state"] != "alive"]
            time.sleep(0.05)

    def __exit__(self, *_):
        self.over.set()
        self.join()

    def __enter__(self):
        self.start()
        return self


class Overload(unittest.TestCase):
    def setUp(self):
        self.federation = Federation(home=POOL, away=POOL, flooder=POOL)
        self.addCleanup(self.federation.close)
        self.home, self.away, self.flooder = (self.federation.sites[name] for name in ("home", "away", "flooder"))
        for site in (self.home, self.away):
            site.set("limits", 'disk_free_bytes_min = "1MiB"')
            site.start()
        self.home.sees(self.away)
        self.away.sees(self.home)
        self.memory_before = memory_peak_mib(self.away)

    def leased_job(self, mark):
        """Longer than its lease, so that it ends only if it was renewed."""
        job = self.home.submit("--sites", "away", "--on-partition", "rerun", "--lease", "20s", "--wrap",
                               self.federation.witnessed(mark, "sleep 26"))
        self.home.wait_for(job, "RUNNING")
        return job

    def expect_all_well(self, lookout, *marks):
        self.assertEqual(lookout.not_alive, [])
        self.assertGreater(lookout.looks, 20)
        self.assertIsNone(self.away.process.poll())
        self.assertLess(memory_peak_mib(self.away), self.memory_before + MEMORY_MIB_MORE)
        for mark in marks:
            self.assertEqual(self.federation.starts_of(mark), 1, mark)

    def flood(self, kind, rate_per_s):
        """A third site floods `away`. What it heard."""
        words = [FLOOD_PEER, self.flooder.config, "away", kind, str(rate_per_s), str(FLOOD_S)]
        done = subprocess.run(words, text=True, capture_output=True, timeout=120, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        heard = json.loads(done.stdout)
        print(f"\n  {kind}: {heard}; memory {self.memory_before:.0f} -> {memory_peak_mib(self.away):.0f} MiB", flush=True)
        self.assertGreater(heard["flooded"], rate_per_s)  # a second's worth at least: a flood
        self.assertNotIn("not understood", heard["heard"])
        return heard

    def flooded_by_a_peer(self, kind, rate_per_s):
        """Meanwhile jobs go both ways, and a lease is kept."""
        marks = []
        with Lookout(self.home, self.away) as lookout:
            leased = self.leased_job("leased")
            heard = {}
            flood = threading.Thread(target=lambda: heard.update(self.flood(kind, rate_per_s)))
            flood.start()
            while flood.is_alive():
                for origin, host in ((self.home, self.away), (self.away, self.home)):
                    marks.append(f"{origin.name}.{len(marks)}")
                    job = origin.submit("--sites", host.name, "--wrap", self.federation.witnessed(marks[-1], "true"))
                    origin.wait_for(job, "COMPLETED")
            flood.join()
            self.home.wait_for(leased, "COMPLETED")
        self.assertTrue(heard, "the flood failed")
        self.assertGreater(len(marks), 1)
        self.expect_all_well(lookout, "leased", *marks)
        return heard

    def test_flood_of_calls_is_declined_and_told_when_to_come_back(self):
        heard = self.flooded_by_a_peer("calls", 10 * CALLS_PER_S)
        self.assertGreater(heard["declined"].get("too many calls, says when to come back", 0), 0)
        self.assertGreater(heard["heard"].get("Bid", 0), 0)
        self.assertGreater(heard["probes_answered"], heard["probes_asked"] / 2)

    def test_flood_of_gossip_starves_nobody(self):
        heard = self.flooded_by_a_peer("gossip", 10_000)
        self.assertGreater(heard["probes_answered"], heard["probes_asked"] / 2)

    def test_flood_of_probes_starves_nobody(self):
        self.flooded_by_a_peer("probes", 20_000)

    # Users
    def submit_until(self, end, seed, count, answers):
        """One of many users who don't wait when told to. Each request is all or none."""
        dice = random.Random(seed)
        one = {"script": "#!/bin/sh\ntrue\n", "held": True, "resources": {"time_limit_s": 60}}
        while time.monotonic() < end:
            body = "\n".join(json.dumps(dict(one, name=f"{seed}")) for _ in range(count))
            status, headers, said = ask(self.away, "POST", "/v1/jobs", body, "application/x-ndjson")
            ids = [job["id"] for job in said["jobs"]] if status == 201 else []
            answers.append((status, headers.get("Retry-After"), ids))
            if status != 201 and dice.random() < 0.5:
                time.sleep(0.01)

    def test_flood_of_submissions_is_answered_or_told_to_come_again(self):
        with Lookout(self.home, self.away) as lookout:
            leased = self.leased_job("leased")
            end = time.monotonic() + FLOOD_S / 2
            answers = []
            users = [threading.Thread(target=self.submit_until, args=(end, seed, 500, answers)) for seed in range(60)]
            for user in users:
                user.start()
            job = self.home.submit("--sites", "away", "--wrap", self.federation.witnessed("meanwhile", "true"))
            self.home.wait_for(job, "COMPLETED")
            for user in users:
                user.join()
            self.home.wait_for(leased, "COMPLETED")
        kinds = {status: sum(1 for each in answers if each[0] == status) for status in {each[0] for each in answers}}
        jobs = [job for _, _, ids in answers for job in ids]
        print(f"\n  submissions: {kinds}, {len(jobs)} jobs; memory {self.memory_before:.0f} -> "
              f"{memory_peak_mib(self.away):.0f} MiB", flush=True)
        self.assertEqual(set(kinds) - {201, 429}, set())
        self.assertTrue(all(retry == "1" for status, retry, _ in answers if status == 429))
        self.assertGreater(kinds.get(201, 0), 0)
        self.assertGreater(kinds.get(429, 0), 0)
        self.assertEqual(len(jobs), len(set(jobs)))
        # All of them, and nothing else, also after a kill -9.
        self.away.kill()
        self.away.start()
        status, _, known = ask(self.away, "GET", "/v1/jobs?guests=0&limit=1")
        self.assertEqual((status, known["total"]), (200, len(jobs)))
        self.memory_before += len(jobs) * 4 / 1024  # what they take by right, pending
        self.expect_all_well(lookout, "leased", "meanwhile")


if __name__ == "__main__":
    unittest.main(verbosity=2)
