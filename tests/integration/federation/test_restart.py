"""Daemons that are killed in every state: nothing acknowledged is lost, and nothing starts twice."""
import unittest

from sites import Federation, wait_until

SMALL = "name=cpu,nodes=1,cpus=1,memory_gb=4"
LARGE = "name=cpu,nodes=4,cpus=8,memory_gb=32"


class Restart(unittest.TestCase):
    def setUp(self):
        self.federation = Federation(home=SMALL, away=LARGE).start()
        self.home, self.away = self.federation.sites["home"], self.federation.sites["away"]

    def tearDown(self):
        self.federation.close()

    def submit_away(self, mark, script):
        return self.home.submit("--sites", "away", "--wrap", self.federation.witnessed(mark, script))

    def ends_once(self, job, mark, state="COMPLETED"):
        self.home.wait_for(job, state)
        self.assertEqual(self.federation.starts_of(mark), 1)

    def test_origin_killed_while_its_job_runs_away(self):
        job = self.submit_away("a", "sleep 3")
        self.home.wait_for(job, "RUNNING")
        self.home.kill()
        self.home.start()
        self.ends_once(job, "a")

    def test_origin_away_until_long_after_the_end(self):
        job = self.submit_away("b", "sleep 1")
        self.home.wait_for(job, "RUNNING")
        self.home.kill()
        wait_until(lambda: "COMPLETED" not in self.away.hansa("queue").stdout and
                   "RUNNING" not in self.away.hansa("queue").stdout, "the run has ended")
        self.home.start()
        self.ends_once(job, "b")

    def test_host_killed_while_it_runs_a_guest(self):
        job = self.submit_away("c", "sleep 3")
        self.home.wait_for(job, "RUNNING")
        self.away.kill()
        self.away.start()
        self.ends_once(job, "c")

    def test_host_dead_until_long_after_the_end(self):
        job = self.submit_away("d", "sleep 1")
        self.home.wait_for(job, "RUNNING")
        self.away.kill()
        self.home.wait_for(job, "UNKNOWN")
        self.assertIn("away", self.home.job(job)["reason"])
        self.away.start()
        self.ends_once(job, "d")

    def test_host_killed_before_the_start(self):
        blockers = [self.away.submit("--sites", "away", "-c", "8", "--wrap", "sleep 600") for _ in range(4)]
        for blocker in blockers:
            self.away.wait_for(blocker, "RUNNING")
        job = self.submit_away("e", "true")
        wait_until(lambda: self.home.job(job).get("host") == "away", "it waits at away")
        self.away.kill()
        self.away.start()
        for blocker in blockers:
            self.away.hansa("cancel", blocker)
        self.ends_once(job, "e")

    def test_both_killed_while_it_runs(self):
        job = self.submit_away("f", "sleep 3")
        self.home.wait_for(job, "RUNNING")
        self.away.kill()
        self.home.kill()
        self.away.start()
        self.home.start()
        self.ends_once(job, "f")

    def test_origin_killed_right_after_it_acknowledged(self):
        jobs = [self.home.submit("--wrap", self.federation.witnessed(f"g{i}", "true")) for i in range(10)]
        self.home.kill()
        self.home.start()
        for i, job in enumerate(jobs):
            self.ends_once(job, f"g{i}")
        self.assertEqual(len(set(jobs)), 10)
        self.assertNotIn(self.home.submit("--wrap", "true"), jobs)

    def test_cancel_reaches_a_host_that_was_dead(self):
        job = self.submit_away("h", "sleep 600")
        self.home.wait_for(job, "RUNNING")
        self.away.kill()
        self.assertEqual(self.home.hansa("cancel", job).returncode, 0)
        self.assertEqual(self.home.job(job)["reason"], "Cancelling")
        self.home.kill()
        self.home.start()
        self.away.start()
        self.ends_once(job, "h", "CANCELLED")

    def test_terminated_daemon_leaves_its_jobs_running(self):
        job = self.home.submit("--sites", "home", "--wrap", self.federation.witnessed("i", "sleep 3"))
        self.home.wait_for(job, "RUNNING")
        self.home.stop()
        self.home.start()
        self.ends_once(job, "i")

    def test_drained_host_gives_back_what_waits(self):
        blockers = [self.away.submit("--sites", "away", "-c", "8", "--wrap", "sleep 600") for _ in range(4)]
        for blocker in blockers:
            self.away.wait_for(blocker, "RUNNING")
        busy = self.home.submit("--sites", "home", "--wrap", "sleep 2")
        job = self.submit_away("j", "true")
        wait_until(lambda: self.home.job(job).get("host") == "away", "it waits at away")
        self.assertEqual(self.away.hansa("drain").returncode, 0)
        wait_until(lambda: self.home.job(job).get("host") != "away", "it is given back")
        self.assertEqual(self.away.hansa("resume").returncode, 0)
        for blocker in blockers:
            self.away.hansa("cancel", blocker)
        self.ends_once(job, "j")
        self.home.wait_for(busy, "COMPLETED")


if __name__ == "__main__":
    unittest.main(verbosity=2)
