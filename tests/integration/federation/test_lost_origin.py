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


class Adopted(unittest.TestCase):
    def test_a_custodian_gathers_results_and_runs_one_again_as_its_own(self):
        with Federation(lost=SMALL, away=LARGE, keeper=LARGE) as federation:
            federation.start()
            lost, away, keeper = (federation.sites[name] for name in ("lost", "away", "keeper"))
            job = lost.submit("--sites", "away", "--output", "result", "--wrap",
                              federation.witnessed("c", "sleep 3; echo found > result; echo said; exit 4"))
            here = lost.submit("--sites", "keeper", "--wrap", federation.witnessed("d", "sleep 3; echo at home"))
            for each in (job, here):
                lost.wait_for(each, "RUNNING")
            self.assertEqual(keeper.hansa("site", "adopt", "lost").returncode, 1, "it is alive")
            waiting = lost.submit("--hold", "--wrap", "true")
            wait_until(lambda: keeper.hansa("job", waiting).returncode == 0, "keeper has a copy")
            lose(lost)
            wait_until(lambda: keeper.hansa("site", "adopt", "lost").returncode == 0, "lost is absent")
            wait_until(lambda: "hansa site entrust lost keeper" in away.log(), "away's operator is told")
            wait_until(lambda: "not yet agreed at away" in keeper.job(job)["next"], "keeper says who has not agreed")
            self.assertEqual(away.hansa("site", "entrust", "lost", "keeper").returncode, 0)

            def has_result(which):
                told = keeper.job(which)
                return told["state"] in ("FAILED", "COMPLETED") and told["outputs_home"] and told
            wait_until(lambda: has_result(here), "the result of the run at the custodian itself")
            told = wait_until(lambda: has_result(job), f"the result is there: {keeper.job(job)}\n{keeper.log()}")
            self.assertEqual((told["state"], told["outcome"]["exit_code"]), ("FAILED", 4))
            self.assertIn(job, keeper.hansa("history").stdout)
            self.assertIn(waiting, keeper.hansa("queue").stdout)
            folder = f"{federation.folder}/fetched"
            fetched = keeper.hansa("fetch", job, folder)
            self.assertEqual(fetched.returncode, 0, fetched.stderr)
            with open(f"{folder}/result", encoding="utf-8") as file:
                self.assertEqual(file.read(), "found\n")

            # It is run again as a job of the custodian's own; nothing places the lost one.
            again = keeper.hansa("rerun", job)
            self.assertEqual(again.returncode, 0, again.stderr)
            new = again.stdout.split()[-1]
            self.assertTrue(new.startswith("keeper-"), new)
            keeper.wait_for(new, "FAILED")
            self.assertEqual(federation.starts_of("c"), 2)
            refused = keeper.hansa("rerun", waiting)
            self.assertEqual(refused.returncode, 1)
            self.assertIn("was nowhere else", refused.stderr)

            # All of it is on disk.
            keeper.kill()
            keeper.start()
            self.assertTrue(has_result(job))
            self.assertEqual(keeper.job(waiting)["state"], "PENDING")
            self.assertEqual(federation.starts_of("c"), 2)
            self.assertEqual(federation.starts_of("d"), 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
