"""Who may use the API over TCP, and the book in which it stands: tokens, operators' acts, and a changed byte."""
import glob
import json
import os
import subprocess
import unittest

from sites import PROGRAMS, Federation, Site, free_port_pair, wait_until

CPU = "name=cpu,nodes=1,cpus=2,memory_gb=4"


class Tokens(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.federation = Federation()
        cls.http = free_port_pair()
        cls.site = Site(cls.federation.folder, "taihu", [CPU], extra=["--http", f"127.0.0.1:{cls.http}"])
        cls.federation.sites["taihu"] = cls.site
        cls.site.start()

    @classmethod
    def tearDownClass(cls):
        cls.federation.close()

    def as_holder(self, token, *words):
        environment = {name: value for name, value in os.environ.items() if name != "HANSA_SOCKET"}
        environment |= {"HANSA_URL": f"http://127.0.0.1:{self.http}", "HANSA_TOKEN": token}
        return subprocess.run([f"{PROGRAMS}/hansa", *words], env=environment, text=True, capture_output=True, timeout=60,
                              check=False)

    def create(self, *words):
        done = self.site.hansa("token", "create", *words)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.strip()

    def book(self):
        return "".join(open(path, encoding="utf-8").read() for path in sorted(glob.glob(f"{self.site.folder}/audit/*")))

    def test_user_submits_and_acts_on_their_own_jobs_alone(self):
        ana, bo = self.create("--user", "ana"), self.create("--user", "bo", "--expires", "1h")
        job = self.as_holder(ana, "submit", "--parsable", "--hold", "--time", "5m", "--wrap", "true").stdout.strip()
        self.assertEqual(self.site.job(job)["user"], "ana")
        refused = self.as_holder(bo, "cancel", job)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("belongs to ana, not to bo", refused.stderr)
        self.assertEqual(self.as_holder(ana, "drain").returncode, 1)
        self.assertEqual(self.as_holder(ana, "cancel", job).returncode, 0)

    def test_reader_only_looks(self):
        token = self.create("--user", "screen", "--role", "reader")
        self.assertEqual(self.as_holder(token, "sites").returncode, 0)
        refused = self.as_holder(token, "submit", "--time", "5m", "--wrap", "true")
        self.assertIn("this token is for reading only", refused.stderr)

    def test_revoked_and_expired_tokens_open_nothing_and_live_through_a_restart(self):
        kept, revoked = self.create("--user", "ana"), self.create("--user", "bo")
        short = self.create("--user", "cai", "--expires", "00:00:01")
        ids = {token["user"]: token["id"] for token in json.loads(self.site.hansa("token", "list", "--json").stdout)["tokens"]}
        self.assertEqual(self.site.hansa("token", "revoke", ids["bo"]).returncode, 0)
        self.site.stop()
        self.site.start()
        self.assertEqual(self.as_holder(kept, "sites").returncode, 0)
        self.assertIn("not known here", self.as_holder(revoked, "sites").stderr)
        wait_until(lambda: "expired at" in self.as_holder(short, "sites").stderr, "the token has expired")

    def test_book_tells_what_was_done_and_a_changed_byte_is_found(self):
        token = self.create("--user", "zhu", "--role", "operator")
        self.assertEqual(self.as_holder(token, "drain").returncode, 0)
        self.assertEqual(self.as_holder(token, "resume").returncode, 0)
        self.as_holder("hansa_00000000_wrong", "sites")
        wait_until(lambda: '"act":"resume"' in self.book(), self.book())
        self.assertIn('"actor":"operator zhu by token', self.book())
        self.site.stop()
        verified = self.site.hansa("audit", "verify", self.site.folder)
        self.assertEqual(verified.returncode, 0, verified.stderr)
        self.assertIn("the book of taihu holds", verified.stdout)
        for word in ('"act":"token","actor":"zhu"', '"allowed":false'):
            self.assertIn(word, self.book())
        path = sorted(glob.glob(f"{self.site.folder}/audit/*"))[-1]
        with open(path, "rb") as file:
            sound = file.read()
        row = sound[:sound.index(b'"act":"drain"')].count(b"\n") + 1
        with open(path, "wb") as file:
            file.write(sound.replace(b'"act":"drain"', b'"act":"brain"', 1))
        broken = self.site.hansa("audit", "verify", self.site.folder)
        self.assertEqual(broken.returncode, 1)
        self.assertRegex(broken.stderr, rf"\.jsonl:{row + 1}: line \d+ of the book does not hold")
        with open(path, "wb") as file:
            file.write(sound)
        self.assertEqual(self.site.hansa("audit", "verify", self.site.folder).returncode, 0)
        self.site.start()

    def test_a_second_daemon_that_is_refused_leaves_the_book_alone(self):
        opened = self.book().count('"act":"open"')
        second = subprocess.run([f"{PROGRAMS}/hansad", "--config", self.site.config], capture_output=True, text=True,
                                timeout=60)
        self.assertEqual(second.returncode, 1, second.stderr)
        self.assertEqual(self.book().count('"act":"open"'), opened)
        self.assertEqual(self.site.hansa("resume").returncode, 0)
        self.site.stop()
        verified = self.site.hansa("audit", "verify", self.site.folder)
        self.assertEqual(verified.returncode, 0, verified.stderr)
        self.site.start()


if __name__ == "__main__":
    unittest.main(verbosity=2)
