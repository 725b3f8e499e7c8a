"""/metrics of real daemons: what the federation does is what they count."""
import http.client
import os
import re
import socket
import unittest

from sites import Federation, wait_until

POOL = "name=cpu,nodes=1,cpus=2,memory_gb=8"


class OverSocket(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=30)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


def scrape(site):
    connection = OverSocket(os.path.join(site.folder, "hansa.sock"))
    connection.request("GET", "/metrics")
    response = connection.getresponse()
    assert response.status == 200, response.status
    text = response.read().decode()
    connection.close()
    return text


def values(site):
    """Every sample by its name and labels, as they are written."""
    samples = {}
    for line in scrape(site).splitlines():
        if not line.startswith("#"):
            name, value = line.rsplit(" ", 1)
            samples[name] = float(value)
    return samples


class MetricsOfAFederation(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.federation = Federation(home=POOL, away=POOL).start()
        cls.home, cls.away = cls.federation.sites["home"], cls.federation.sites["away"]

    @classmethod
    def tearDownClass(cls):
        cls.federation.close()

    def test_text_is_what_prometheus_reads(self):
        text = scrape(self.home)
        sample = re.compile(r'^hansa_[a-z0-9_]+(\{[a-z_]+="[^"\n]*"(,[a-z_]+="[^"\n]*")*\})? [0-9.e+-]+$|^hansa_.*Inf.*$')
        types, seen = {}, set()
        for line in text.splitlines():
            if line.startswith("# TYPE "):
                name, kind = line.split()[2:]
                self.assertNotIn(name, types, "one family, one head")
                types[name] = kind
                self.assertEqual(kind == "counter", name.endswith("_total"), line)
            elif not line.startswith("#"):
                self.assertRegex(line, sample)
                self.assertNotIn(line.rsplit(" ", 1)[0], seen)
                seen.add(line.rsplit(" ", 1)[0])
        for name in ("hansa_jobs", "hansa_runs", "hansa_queue_length", "hansa_messages_sent_total",
                     "hansa_events_total", "hansa_store_commit_seconds", "hansa_transport_frames_sent_total",
                     "hansa_gateway_requests_total"):
            self.assertIn(name, types)

    def test_a_job_that_goes_away_is_counted_at_both_ends(self):
        home, away = values(self.home), values(self.away)
        self.assertEqual(home["hansa_ready"], 1)
        self.assertEqual(home['hansa_sites{state="alive"}'], 1)
        self.assertEqual(home["hansa_sites_connected"], 1)
        job = self.home.submit("--sites", "away", "--wrap", "true")
        self.home.wait_for(job, "COMPLETED")
        wait_until(lambda: values(self.away)['hansa_runs{phase="over"}'] > 0, "the run is over there")
        home_now, away_now = values(self.home), values(self.away)
        for name, grown in (('hansa_events_total{kind="job_submitted"}', 1),
                            ('hansa_jobs_ended_total{state="COMPLETED"}', 1),
                            ('hansa_messages_sent_total{message="Award"}', 1),
                            ('hansa_messages_received_total{message="Accepted"}', 1)):
            self.assertEqual(home_now[name] - home[name], grown, name)
        self.assertGreaterEqual(home_now['hansa_messages_received_total{message="Bid"}'], 1)
        self.assertGreaterEqual(away_now['hansa_messages_sent_total{message="Bid"}'], 1)
        self.assertGreater(away_now["hansa_store_commit_seconds_count"], away["hansa_store_commit_seconds_count"])
        self.assertGreater(home_now["hansa_transport_sent_bytes_total"], home["hansa_transport_sent_bytes_total"])

    def test_jobs_are_counted_by_the_states_that_the_queue_shows(self):
        jobs = [self.home.submit("--sites", "home", "--cpus", "2", "--wrap", "sleep 300") for _ in range(3)]
        held = self.home.submit("--hold", "--wrap", "true")
        wait_until(lambda: any(self.home.state(job) == "RUNNING" for job in jobs), "one of them runs")
        now = values(self.home)
        self.assertEqual(now['hansa_jobs{state="RUNNING"}'], 1)
        self.assertEqual(now['hansa_jobs{state="PENDING"}'], 3)
        self.assertEqual(now['hansa_runs{phase="active"}'], 1)
        self.assertEqual(now['hansa_runs{phase="waiting"}'], 2)
        self.assertEqual(now["hansa_queue_length"], 2)
        for job in [*jobs, held]:
            self.home.hansa("cancel", job)
        wait_until(lambda: values(self.home)['hansa_jobs{state="CANCELLED"}'] == 4, "all are cancelled")


if __name__ == "__main__":
    unittest.main(verbosity=2)
