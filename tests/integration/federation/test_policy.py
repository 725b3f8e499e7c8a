"""What an operator's rules do: guests declined with the rule's name, prices, own users' limits, and a reload."""
import json
import os
import signal
import unittest

from sites import Federation, wait_until

SMALL = "name=cpu,nodes=1,cpus=1,memory_gb=4"
LARGE = "name=cpu,nodes=2,cpus=8,memory_gb=32,price=2"


def write_policy(site, text):
    with open(os.path.join(site.folder, "policy.toml"), "w", encoding="utf-8") as file:
        file.write(text)


def reload(site, word):
    """Sends SIGHUP and waits for what the log then says for the first time."""
    before = site.log().count(word)
    site.process.send_signal(signal.SIGHUP)
    wait_until(lambda: site.log().count(word) > before, f"{site.name} says {word}")


class Policy(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.federation = Federation(home=SMALL, host=LARGE)
        cls.home, cls.host = cls.federation.sites["home"], cls.federation.sites["host"]
        cls.federation.start()

    @classmethod
    def tearDownClass(cls):
        cls.federation.close()

    def setUp(self):
        self.rule(self.host, "")
        self.rule(self.home, "")

    def rule(self, site, text):
        write_policy(site, text)
        reload(site, "event=reloaded")

    def cancel(self, job):
        self.home.hansa("cancel", job)
        self.home.wait_for(job, "CANCELLED")

    def test_guest_is_declined_by_a_rule_that_why_names_and_taken_in_after_a_reload(self):
        self.rule(self.host, "[guests]\notherwise = 'decline'\n"
                             "[[guests.rule]]\nname = 'short-ones'\ndecide = 'accept'\ntime_max = '1m'\n")
        job = self.home.submit("--sites", "host", "--wrap", "true")
        wait_until(lambda: self.home.job(job)["reason"] == "Policy(host:short-ones)", self.home.job(job))
        why = self.home.hansa("why", job).stdout
        self.assertIn("short-ones: it takes at most", why)
        self.rule(self.host, "")
        self.assertEqual(self.home.wait_for(job, "COMPLETED")["host"], "host")

    def test_bad_reload_is_refused_and_the_old_policy_stays(self):
        self.rule(self.host, "[guests]\notherwise = 'decline'\n")
        write_policy(self.host, "[guests]\notherwise = 'accept'\nkept_for_own_user = 1\n")
        reload(self.host, "event=reload_refused")
        self.assertIn("policy.toml:3: unknown key 'kept_for_own_user'", self.host.log())
        job = self.home.submit("--sites", "host", "--wrap", "true")
        wait_until(lambda: self.home.job(job)["reason"] == "Policy(host:otherwise)", self.home.job(job))
        shown = self.host.hansa("policy", "show").stdout
        self.assertIn("otherwise = 'decline'", shown)
        self.cancel(job)

    def test_a_policy_that_is_gone_lets_nobody_in(self):
        self.rule(self.host, "[guests]\notherwise = 'decline'\n")
        os.remove(os.path.join(self.host.folder, "policy.toml"))
        reload(self.host, "event=reload_refused")
        self.assertIn("otherwise = 'decline'", self.host.hansa("policy", "show").stdout)

    def test_share_kept_for_own_users_is_never_given(self):
        self.rule(self.host, "[guests]\nkept_for_own_users = 0.5\n")
        jobs = [self.home.submit("--sites", "host", "--cpus", "4", "--wrap", "sleep 600") for _ in range(2)]
        for job in jobs:
            self.home.wait_for(job, "RUNNING")
        third = self.home.submit("--sites", "host", "--wrap", "sleep 600")
        wait_until(lambda: self.home.job(third)["reason"] == "Policy(host:kept-for-own-users)", self.home.job(third))
        own = self.host.submit("--sites", "host", "--cpus", "4", "--wrap", "true")
        self.assertEqual(self.host.wait_for(own, "COMPLETED")["host"], "host")
        for job in (*jobs, third):
            self.cancel(job)

    def test_prices_are_those_of_the_rule(self):
        self.rule(self.host, "[prices]\ncpu = 3\n"
                             "[[guests.rule]]\nname = 'friends'\ndecide = 'accept'\nsites = 'home'\nprice_factor = 0.5\n")
        done = self.home.hansa("submit", "--test-only", "--json", "--sites", "host", "--time", "5m", "--wrap", "true")
        quotes = {quote["site"]: quote for quote in json.loads(done.stdout)["quotes"]}
        self.assertEqual(quotes["host"]["price_per_hour"], 1.5)

    def test_jobs_that_may_not_leave_wait_at_home(self):
        self.rule(self.home, "[[send.rule]]\nname = 'stays'\ndecide = 'keep'\nnames = 'secret*'\nregions = 'cn'\n")
        refused = self.home.hansa("submit", "--sites", "host", "--name", "secret-1", "--time", "5m", "--wrap", "true")
        self.assertEqual(refused.returncode, 1, refused.stdout)
        self.assertIn("no site could ever run this job", refused.stderr)
        blocker = self.home.submit("--sites", "home", "--wrap", "sleep 600")
        self.home.wait_for(blocker, "RUNNING")
        kept = self.home.submit("--name", "secret-2", "--wrap", "true")
        free = self.home.submit("--name", "open", "--wrap", "true")
        self.assertEqual(self.home.wait_for(free, "COMPLETED")["host"], "host")
        self.assertEqual(self.home.state(kept), "PENDING")
        wait_until(lambda: "stays: such jobs don't go to host" in self.home.hansa("why", kept).stdout,
                   self.home.hansa("why", kept).stdout)
        self.cancel(blocker)
        self.assertEqual(self.home.wait_for(kept, "COMPLETED")["host"], "home")

    def test_question_tells_which_rule_decides_and_how(self):
        self.rule(self.host, "[guests]\notherwise = 'decline'\n"
                             "[[guests.rule]]\nname = 'ana'\ndecide = 'accept'\nusers = 'ana@home'\nnodes_max = 1\n"
                             "[accounts]\notherwise = 'nobody'\n")
        yes = self.host.hansa("policy", "test", "--from", "home", "--user", "ana", "--json")
        self.assertEqual(yes.returncode, 0, yes.stderr)
        answer = json.loads(yes.stdout)
        self.assertTrue(answer["accepted"])
        self.assertEqual((answer["lines"][0]["rule"], answer["account"]), ("ana", "nobody"))
        no = self.host.hansa("policy", "test", "--from", "home", "--user", "ana", "--nodes", "2")
        self.assertIn("at most 1 nodes, and the job asks for 2", no.stdout)
        other = self.host.hansa("policy", "test", "--from", "home", "--user", "bo")
        self.assertIn("otherwise", other.stdout)

    def test_draft_is_tried_without_being_in_force_and_checked_alone(self):
        draft = os.path.join(self.host.folder, "draft.toml")
        with open(draft, "w", encoding="utf-8") as file:
            file.write("[guests]\notherwise = 'decline'\n")
        tried = self.host.hansa("policy", "test", "--from", "home", "--policy", draft)
        self.assertIn("decline", tried.stdout, tried.stderr)
        self.assertNotIn("decline", self.host.hansa("policy", "test", "--from", "home").stdout)
        checked = self.host.hansa("policy", "check", draft)
        self.assertIn("is sound", checked.stdout, checked.stderr)
        with open(draft, "a", encoding="utf-8") as file:
            file.write("[[guests.rule]]\nname = 'x'\ndecide = 'accept'\npools = 'h800'\n")
        wrong = self.host.hansa("policy", "check", draft)
        self.assertEqual(wrong.returncode, 2)
        self.assertIn("names the pool 'h800', and there is none; this site has cpu", wrong.stderr)

    @unittest.skipUnless(os.geteuid() == 0, "needs an ordinary user beside the daemon's own")
    def test_users_are_held_to_their_limits(self):
        self.rule(self.home, "[users]\njobs_max = 2\n")
        as_nobody = {"user": "nobody"}
        for _ in range(2):
            self.home.submit("--hold", "--wrap", "true", **as_nobody)
        third = self.home.hansa("submit", "--hold", "--time", "5m", "--wrap", "true", **as_nobody)
        self.assertEqual(third.returncode, 75, third.stderr)
        self.assertIn("user nobody has 2 jobs under way and asks for 1 more", third.stderr)
        self.home.submit("--hold", "--wrap", "true")  # root is an operator
        for job in json.loads(self.home.hansa("queue", "--json").stdout)["jobs"]:
            self.cancel(job["id"])

    @unittest.skipUnless(os.geteuid() == 0, "accounts are mapped only by a daemon that is root")
    def test_guest_runs_as_the_account_it_is_mapped_to(self):
        self.rule(self.host, "[accounts]\n'*@home' = 'daemon'\n")
        job = self.home.submit("--sites", "host", "--wrap", "id -un")
        self.home.wait_for(job, "COMPLETED")
        self.assertEqual(self.home.hansa("logs", job).stdout, "daemon\n")
        own = self.host.submit("--wrap", "id -un")
        self.host.wait_for(own, "COMPLETED")
        self.assertEqual(self.host.hansa("logs", own).stdout, "nobody\n")


if __name__ == "__main__":
    unittest.main(verbosity=2)
