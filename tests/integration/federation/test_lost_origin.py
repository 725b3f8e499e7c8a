"""An origin that is killed and never comes back: what others know of its jobs, and what becomes of them."""
import shutil
import unittest

from sites import Federation, wait_until

SMALL = "name=cpu,nodes=1,cpus=2,memory_gb=4"
LARGE = "name=cpu,nodes=4,cpus=8,memory_gb=32"


def lose(site):
    site.kill()
    shutil.rmtree(site.folder)


class LostOrigin(unittest.TestCase):
    def setUp(self):
        self.federation = Federation(lost=SMALL, away=LARGE, spare=LARGE, other=SMALL).start()
        self.lost, self.away = self.federation.sites["lost"], self.federation.sites["away"]
        self.others = [site for site in self.federation.sites.values() if site is not self.lost]

    def tearDown(self):
        self.federation.close()

    def tell(self, job):
        """Who answers for the job, with what it says."""
        answers = {site: site.hansa("job", job, "--json") for site in self.others}
        return {site: site.job(job) for site, answer in answers.items() if answer.returncode == 0}

    def holders_of(self, waiting):
        """Of a job that nobody runs: whoever tells of it has a copy."""
        def two():
            holders = list(self.tell(waiting))
            return holders if len(holders) == 2 else None
        return wait_until(two, "two members have a copy")

    def test_a_holder_tells_of_a_job_of_a_site_that_is_gone(self):
        job = self.lost.submit("--sites", "away", "--name", "frames", "--wrap",
                               self.federation.witnessed("a", "sleep 4"))
        self.lost.wait_for(job, "RUNNING")
        ended = self.lost.submit("--sites", "lost", "--wrap", "exit 3")
        self.lost.wait_for(ended, "FAILED")
        held = self.lost.submit("--hold", "--wrap", "true")
        holders = self.holders_of(held)
        for each, state in ((ended, "FAILED"), (held, "PENDING"), (job, "RUNNING")):
            wait_until(lambda: all(self.tell(each).get(site, {}).get("state") == state for site in holders),
                       f"the holders have {each} as {state}")
        lose(self.lost)
        site = holders[0]
        wait_until(lambda: self.tell(held)[site]["reason"] == "AwaitingOrigin(lost)", "lost is absent")
        told = self.tell(held)[site]
        self.assertEqual((told["copy_at"], told["origin"], told["state"]), (site.name, "lost", "PENDING"))
        self.assertGreater(told["age_s"], 0)
        self.assertIn("nobody else places its jobs", told["next"])
        told = self.tell(ended)[site]
        self.assertEqual((told["state"], told["outcome"]["exit_code"]), ("FAILED", 3))
        self.assertRegex(site.hansa("job", ended).stdout, rf"told by +{site.name}, from a copy of what lost last said")
        # The run goes on, ends once, and its host tells of its end.
        wait_until(lambda: self.tell(job)[self.away]["state"] in ("COMPLETING", "COMPLETED"), "the run has ended")
        self.assertEqual(self.federation.starts_of("a"), 1)

        # Copies are on the holder's disk, and whoever has none knows whom to ask.
        site.kill()
        site.start()
        self.assertEqual(self.tell(ended)[site]["state"], "FAILED")
        for stranger in (each for each in self.others if each not in self.tell(held)):
            refused = stranger.hansa("job", held)
            self.assertEqual(refused.returncode, 1)
            self.assertTrue(any(holder.name in refused.stderr for holder in holders), refused.stderr)

    def test_when_a_holder_dies_another_takes_its_place(self):
        job = self.lost.submit("--hold", "--wrap", "true")
        holders = self.holders_of(job)
        holders[0].kill()
        third = next(site for site in self.others if site not in holders)
        self.others.remove(holders[0])
        wait_until(lambda: third in self.tell(job), "the third keeps a copy")


if __name__ == "__main__":
    unittest.main(verbosity=2)
