"""Two protocol versions side by side: an operator upgrades one site after the other while jobs go both ways."""
import re
import unittest

from sites import Federation, wait_until

POOL = "name=cpu,nodes=2,cpus=4,memory_gb=8"


def spoken(site, peer):
    """The protocol versions that the site agreed on with the peer, in order."""
    return [int(number) for number in re.findall(rf"event=peer_greeted peer={peer.name} protocol=(\d+)", site.log())]


class Versions(unittest.TestCase):
    def setUp(self):
        self.federation = Federation(old=POOL, new=POOL, other=POOL)
        self.addCleanup(self.federation.close)
        self.old, self.new, self.other = (self.federation.sites[name] for name in ("old", "new", "other"))
        self.old.set("link", "protocol_max = 1")
        self.federation.start()

    @staticmethod
    def speak_up_to(site, version):
        with open(site.config, encoding="utf-8") as file:
            text = file.read()
        with open(site.config, "w", encoding="utf-8") as file:
            file.write(text.replace("protocol_max = 1\n", f"protocol_max = {version}\n", 1))

    def moves(self, origin, host, mark):
        """A job of `origin` runs at `host`, once, and its output is read at home."""
        job = origin.submit("--sites", host.name, "--wrap", self.federation.witnessed(mark, "echo $HANSA_SITE"))
        self.assertEqual(origin.hansa("wait", job).returncode, 0)
        self.assertEqual(origin.job(job)["host"], host.name)
        self.assertEqual(origin.hansa("logs", job).stdout.strip(), host.name)
        self.assertEqual(self.federation.starts_of(mark), 1)

    def test_old_and_new_hand_jobs_to_each_other_while_one_is_upgraded(self):
        for pair in ((self.old, self.new), (self.new, self.old), (self.old, self.other)):
            wait_until(lambda: spoken(*pair), "they greet")
            self.assertEqual(set(spoken(*pair)), {1})
        wait_until(lambda: spoken(self.new, self.other), "the new ones greet")
        self.assertEqual(set(spoken(self.new, self.other)), {2})
        self.moves(self.old, self.new, "old-to-new")
        self.moves(self.new, self.old, "new-to-old")
        self.moves(self.new, self.other, "new-to-new")

        # One of them is upgraded while a job of each runs at the other.
        away = self.old.submit("--sites", "new", "--wrap", self.federation.witnessed("away", "sleep 3"))
        guest = self.new.submit("--sites", "old", "--wrap", self.federation.witnessed("guest", "sleep 3"))
        self.old.wait_for(away, "RUNNING")
        self.new.wait_for(guest, "RUNNING")
        self.old.kill()
        self.speak_up_to(self.old, 2)
        self.old.start()
        self.old.sees(self.new, self.other)
        wait_until(lambda: spoken(self.new, self.old)[-1] == 2, "they agree on the new version")
        self.assertEqual(spoken(self.old, self.new)[-1], 2)
        self.old.wait_for(away, "COMPLETED")
        self.new.wait_for(guest, "COMPLETED")
        self.assertEqual((self.federation.starts_of("away"), self.federation.starts_of("guest")), (1, 1))
        self.moves(self.old, self.new, "upgraded-to-new")
        self.moves(self.new, self.old, "new-to-upgraded")

    def test_a_version_that_is_not_known_is_refused_in_words(self):
        self.old.stop()
        self.speak_up_to(self.old, 9)
        self.old.launch()
        self.assertNotEqual(self.old.process.wait(timeout=20), 0)
        self.assertIn("link.protocol_max", self.old.log())


if __name__ == "__main__":
    unittest.main(verbosity=2)
