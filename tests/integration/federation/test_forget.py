"""A site that falls silent, held for dead by an operator's word: whether it stays dead or comes back after all."""
import json
import os
import unittest

from sites import Federation, wait_until

SMALL = "name=cpu,nodes=1,cpus=2,memory_gb=4"
LARGE = "name=cpu,nodes=4,cpus=8,memory_gb=32"


class Forget(unittest.TestCase):
    def setUp(self):
        self.federation = Federation(home=SMALL, away=LARGE, spare=LARGE).start()
        self.home, self.away, self.spare = (self.federation.sites[name] for name in ("home", "away", "spare"))

    def tearDown(self):
        self.federation.close()

    def forget(self, at, whom, *options):
        done = at.hansa("site", "forget", whom, "--json", *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_a_job_of_a_dead_host_runs_elsewhere_and_its_return_is_reported(self):
        # The first start waits to be stopped; any other ends at once.
        first = os.path.join(self.federation.witness, "first")
        script = self.federation.witnessed("a", f"if mkdir {first}; then sleep 600; fi")
        job = self.home.submit("--sites", "away,spare", "--wrap", script)
        self.home.wait_for(job, "RUNNING")
        host, other = (self.away, self.spare) if self.home.job(job)["host"] == "away" else (self.spare, self.away)

        alive = self.home.hansa("site", "forget", host.name)
        self.assertEqual(alive.returncode, 1)
        self.assertIn("is alive", alive.stderr)

        host.kill()
        unknown = self.home.wait_for(job, "UNKNOWN")
        self.assertEqual(unknown["reason"], f"AwaitingHost({host.name})")
        self.assertIsNotNone(unknown["since"])
        self.assertIn(f"hansa site forget {host.name}", unknown["next"])
        self.assertIn(f"AwaitingHost({host.name}) for ", self.home.hansa("queue").stdout)
        self.assertIn(f"next: goes on when {host.name} answers", self.home.hansa("why", job).stdout)

        forgotten = self.forget(self.home, host.name)
        self.assertEqual((forgotten["jobs_given_up"], forgotten["runs_perhaps_alive"]), (1, 1))
        self.assertEqual(self.forget(self.home, host.name)["jobs_given_up"], 0)
        log = self.home.log()
        self.assertIn("event=operator_acted act=forget", log)
        self.assertIn("event=job_given_up", log)

        ended = self.home.wait_for(job, "COMPLETED")
        self.assertEqual((ended["host"], ended["epoch"]), (other.name, 2))
        self.assertIn("given up, may be alive", ended["next"])
        self.assertEqual(self.federation.starts_of("a"), 2)

        self.home.kill()
        self.home.start()
        host.start()
        wait_until(lambda: "event=run_overlap" in self.home.log() and "event=run_overlap" in host.log(),
                   f"both operators are told\n{self.home.log()}\n{host.log()}")
        wait_until(lambda: not self.home.job(job)["next"], "nothing of it is left")
        self.assertEqual(self.home.job(job)["state"], "COMPLETED")
        self.assertNotIn("RUNNING", host.hansa("queue").stdout)

    def test_a_cancelled_job_of_a_dead_host_ends(self):
        job = self.home.submit("--sites", "away", "--wrap", "sleep 600")
        self.home.wait_for(job, "RUNNING")
        self.away.kill()
        self.home.wait_for(job, "UNKNOWN")
        self.assertEqual(self.home.hansa("cancel", job).returncode, 0)
        self.assertIn("CANCELLED when away answers", self.home.job(job)["next"])
        self.forget(self.home, "away")
        self.assertEqual(self.home.state(job), "CANCELLED")
        self.away.start()
        wait_until(lambda: "RUNNING" not in self.away.hansa("queue").stdout, "its run was stopped")

    def test_an_origin_that_was_let_go_and_comes_back_has_its_result(self):
        job = self.home.submit("--sites", "away", "--wrap", self.federation.witnessed("b", "sleep 2"))
        self.home.wait_for(job, "RUNNING")
        self.home.kill()
        wait_until(lambda: self.away.hansa("site", "forget", "home").returncode == 0, "home is not alive any more")
        self.assertEqual(self.forget(self.away, "home")["runs_let_go"], 0, "the same again changes nothing")
        wait_until(lambda: "RUNNING" not in self.away.hansa("queue").stdout, "its run has ended")
        self.home.start()
        self.home.wait_for(job, "COMPLETED")
        self.assertEqual(self.federation.starts_of("b"), 1)

    def test_a_job_under_a_lease_says_when_it_is_placed_again(self):
        job = self.home.submit("--sites", "away", "--on-partition", "rerun", "--lease", "30m", "--wrap", "sleep 600")
        self.home.wait_for(job, "RUNNING")
        self.away.kill()
        self.assertRegex(self.home.wait_for(job, "UNKNOWN")["next"], r"placed again in (29|30) min, when its lease at")
        self.home.hansa("cancel", job)
        self.forget(self.home, "away")

    def test_only_an_operator_may_forget_a_known_site(self):
        self.assertEqual(self.home.hansa("site", "forget", "nowhere").returncode, 1)
        self.assertEqual(self.home.hansa("site", "forget", "home").returncode, 1)
        self.assertEqual(self.home.hansa("site", "forget").returncode, 2)


class RunAgain(unittest.TestCase):
    def test_what_has_ended_is_run_again_as_a_new_job(self):
        with Federation(home=SMALL) as federation:
            home = federation.start().home
            folder = os.path.join(federation.folder, "inputs")
            os.mkdir(folder)
            with open(os.path.join(folder, "word"), "w", encoding="utf-8") as file:
                file.write("hello")
            job = home.submit("--input", "word", "--wrap", federation.witnessed("c", "grep hello word"), cwd=folder)
            self.assertEqual(home.wait_for(job, "COMPLETED", "FAILED")["state"], "COMPLETED")
            again = home.hansa("rerun", job)
            self.assertEqual(again.returncode, 0, again.stderr)
            new = again.stdout.split()[-1]
            self.assertNotEqual(new, job)
            home.wait_for(new, "COMPLETED")
            self.assertEqual(home.hansa("logs", new).stdout, "hello\n")
            self.assertEqual(federation.starts_of("c"), 2)
            self.assertEqual(home.job(job)["epoch"], 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
