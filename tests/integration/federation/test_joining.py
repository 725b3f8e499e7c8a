"""Joining and parting of real daemons: one line on each side, and nobody else is touched."""
import time
import unittest

from sites import wait_until
from strangers import Strangers, all_connected, connected, line_of, must, standing, trust


class Joining(unittest.TestCase):
    def setUp(self):
        self.world = Strangers()
        self.addCleanup(self.world.close)

    def test_a_newcomer_is_let_in_by_everybody_within_five_seconds(self):
        wujiang = self.world.found("wujiang")
        taihu = self.world.join("taihu", wujiang)
        changshu = self.world.start("changshu")
        all_connected(wujiang, taihu)
        line = line_of(wujiang, "--site", "changshu")
        begun = time.monotonic()
        must(changshu, "join", line)
        all_connected(wujiang, taihu, changshu, deadline_s=30)
        took = time.monotonic() - begun
        print(f"joined and connected with both in {took:.2f} s", flush=True)
        self.assertLess(took, 5)

    def test_jobs_go_to_a_newcomer_and_back(self):
        wujiang = self.world.found("wujiang")
        taihu = self.world.join("taihu", wujiang)
        wujiang.sees(taihu)
        job = wujiang.submit("--sites", "taihu", "--wrap", "echo here")
        wujiang.wait_for(job, "COMPLETED")

    def test_the_chain_of_those_who_vouched_is_shown(self):
        wujiang = self.world.found("wujiang")
        taihu = self.world.join("taihu", wujiang, "--sponsor")
        changshu = self.world.join("changshu", taihu)
        wait_until(lambda: standing(wujiang, "changshu") == "member", "wujiang has heard of changshu")
        vouched = {one["site"]: one["sponsor"] for one in trust(wujiang)["sites"]}
        self.assertEqual(vouched, {"wujiang": "wujiang", "taihu": "wujiang", "changshu": "taihu"})
        all_connected(wujiang, taihu, changshu)

    def test_everything_holds_over_restarts(self):
        wujiang = self.world.found("wujiang")
        taihu = self.world.join("taihu", wujiang)
        all_connected(wujiang, taihu)
        for site in (wujiang, taihu):
            site.kill()
        for site in (wujiang, taihu):
            site.start()
        all_connected(wujiang, taihu)

    def test_a_member_that_was_down_lets_the_newcomer_in_when_it_is_back(self):
        wujiang = self.world.found("wujiang")
        taihu = self.world.join("taihu", wujiang)
        all_connected(wujiang, taihu)
        taihu.kill()
        changshu = self.world.join("changshu", wujiang)
        taihu.start()
        all_connected(wujiang, taihu, changshu, deadline_s=40)

    def test_a_site_that_only_dials_out_is_a_full_member(self):
        wujiang = self.world.found("wujiang")
        taihu = self.world.join("taihu", wujiang, dials_out_only=True)
        wujiang.sees(taihu)
        job = wujiang.submit("--sites", "taihu", "--wrap", "echo inside")
        wujiang.wait_for(job, "COMPLETED")
        refused = taihu.hansa("invite")
        self.assertEqual(refused.returncode, 1)
        self.assertIn("may not invite", refused.stderr)

    def test_who_leaves_is_gone_and_may_come_back(self):
        wujiang = self.world.found("wujiang")
        taihu = self.world.join("taihu", wujiang)
        all_connected(wujiang, taihu)
        must(taihu, "leave")
        wait_until(lambda: standing(wujiang, "taihu") == "left", "wujiang has heard of it")
        wait_until(lambda: "taihu" not in connected(wujiang), "the door is closed")
        must(taihu, "join", line_of(wujiang))
        all_connected(wujiang, taihu)

    def test_a_ban_cuts_at_once_and_lifting_it_opens_again(self):
        wujiang = self.world.found("wujiang")
        taihu = self.world.join("taihu", wujiang)
        all_connected(wujiang, taihu)
        must(wujiang, "ban", "taihu")
        wait_until(lambda: not connected(wujiang) & {"taihu"}, "it is cut", 5)
        check = wujiang.hansa("site", "check", "taihu")
        self.assertIn("name: taihu is banned here", check.stdout)
        must(wujiang, "ban", "taihu", "--lift")
        all_connected(wujiang, taihu)

    def test_the_majority_puts_a_site_out_everywhere(self):
        wujiang = self.world.found("wujiang")
        taihu = self.world.join("taihu", wujiang)
        mallory = self.world.join("mallory", wujiang)
        all_connected(wujiang, taihu, mallory)
        must(wujiang, "evict", "mallory", "--reason", "bids and never runs")
        self.assertEqual(standing(taihu, "mallory"), "member")
        must(taihu, "evict", "mallory")
        for site in (wujiang, taihu):
            wait_until(lambda: standing(site, "mallory") == "evicted", f"{site.name} knows")
            wait_until(lambda: "mallory" not in connected(site), f"{site.name} has cut it")
        wait_until(lambda: trust(mallory)["standing"] == "evicted", "mallory hears of it")

    def test_a_new_transport_key_is_followed_by_all(self):
        wujiang = self.world.found("wujiang")
        taihu = self.world.join("taihu", wujiang)
        changshu = self.world.join("changshu", wujiang)
        all_connected(wujiang, taihu, changshu)
        with open(f"{taihu.folder}/transport.key", encoding="utf-8") as file:
            before = file.read()
        must(taihu, "key", "rotate")
        with open(f"{taihu.folder}/transport.key", encoding="utf-8") as file:
            self.assertNotEqual(file.read(), before)
        wait_until(lambda: taihu.hansa("sites").returncode == 0, "taihu is back")
        time.sleep(1)
        all_connected(wujiang, taihu, changshu, deadline_s=40)
        for site in (wujiang, taihu):
            site.kill()
        for site in (wujiang, taihu):
            site.start()
        all_connected(wujiang, taihu, changshu, deadline_s=40)

    def test_site_check_goes_there_and_back(self):
        wujiang = self.world.found("wujiang")
        taihu = self.world.join("taihu", wujiang)
        wujiang.sees(taihu)
        done = wujiang.hansa("site", "check", "taihu")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("canary job, file there and back", done.stdout)
        taihu.kill()
        wait_until(lambda: "taihu" not in connected(wujiang), "it is gone")
        done = wujiang.hansa("site", "check", "taihu")
        self.assertEqual(done.returncode, 1)
        self.assertIn("taihu: route:", done.stdout)
        self.assertIn("no site called nowhere", wujiang.hansa("site", "check", "nowhere").stdout)

    def test_configured_peers_and_members_live_together(self):
        wujiang = self.world.make("wujiang")
        kunshan = self.world.make("kunshan")
        wujiang.know(kunshan)
        kunshan.know(wujiang)
        wujiang.start()
        kunshan.start()
        must(wujiang, "federation", "create", "test")
        taihu = self.world.join("taihu", wujiang)
        all_connected(wujiang, kunshan)
        all_connected(wujiang, taihu)
        self.assertEqual(standing(wujiang, "kunshan"), "configured")
        self.assertEqual(connected(kunshan) & {"taihu"}, set(), "kunshan is in no federation: it knows its peer alone")


if __name__ == "__main__":
    unittest.main(verbosity=2)
