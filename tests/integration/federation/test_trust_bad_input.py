"""Invitations that are no good, clocks that are wrong, and strangers at the door: one clear sentence, nothing changed."""
import os
import re
import socket
import time
import unittest

from strangers import Strangers, line_of, must, standing, trust


def enrolment_port(site):
    with open(site.config, encoding="utf-8") as file:
        return int(re.search(r'enrol_listen = "tcp://127.0.0.1:(\d+)"', file.read()).group(1))


class BadInput(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = Strangers()
        try:
            cls.wujiang = cls.world.found("wujiang")
            cls.stranger = cls.world.start("stranger")
        except BaseException:
            cls.world.close()
            raise

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def refused(self, line, sentence, code=None):
        done = self.stranger.hansa("join", line)
        self.assertNotEqual(done.returncode, 0, done.stdout)
        if code:
            self.assertEqual(done.returncode, code, done.stderr)
        self.assertIn(sentence, done.stderr)
        self.assertEqual(done.stderr.strip().count("\n"), 0, "one sentence: " + done.stderr)
        self.assertEqual(trust(self.stranger)["standing"], "in no federation")
        self.assertIsNone(standing(self.wujiang, "stranger"))

    def test_an_altered_line_is_told(self):
        line = line_of(self.wujiang)
        middle = len(line) // 2
        other = "A" if line[middle] != "A" else "B"
        self.refused(line[:middle] + other + line[middle + 1:], "altered or is not whole", 2)
        self.refused(line[:-5], "altered or is not whole", 2)
        self.refused("https://example.org/join", "that is no invitation", 2)

    def test_an_expired_invitation_is_told(self):
        line = line_of(self.wujiang, "--expires", "1s")
        keep = line_of(self.wujiang)  # the desk stays open
        time.sleep(1.5)
        self.refused(line, "expired")
        self.assertTrue(keep)

    def test_a_used_invitation_is_told(self):
        line = line_of(self.wujiang)
        must(self.world.start("first"), "join", line)
        self.refused(line, "used already")

    def test_a_withdrawn_invitation_is_told(self):
        line = line_of(self.wujiang, "--site", "withdrawn")
        invitation = next(one["invitation"] for one in trust(self.wujiang)["invitations"]
                          if one["site"] == "withdrawn")
        must(self.wujiang, "invite", "--withdraw", invitation)
        line_of(self.wujiang)
        self.refused(line, "withdrawn")

    def test_an_invitation_for_another_name_is_told(self):
        self.refused(line_of(self.wujiang, "--site", "changshu"), "for the site changshu and not for stranger")

    def test_an_invitation_for_another_region_is_told(self):
        self.refused(line_of(self.wujiang, "--region", "cn/west"), "for the region cn/west")

    def test_a_foreign_invitation_is_told(self):
        other = self.world.found("elsewhere")
        line = line_of(other)
        done = self.wujiang.hansa("join", line)
        self.assertEqual(done.returncode, 1)
        self.assertIn("leave it first", done.stderr)
        must(self.stranger, "join", line)
        must(self.stranger, "leave")

    def test_a_sponsor_that_nobody_reaches_is_told(self):
        gone = self.world.found("gone")
        line = line_of(gone)
        gone.kill()
        self.refused(line, "nobody answers for gone", 69)

    def test_without_a_federation_nobody_invites(self):
        done = self.stranger.hansa("invite")
        self.assertEqual(done.returncode, 1)
        self.assertIn("hansa federation create", done.stderr)

    def test_a_key_file_that_others_can_read_is_refused(self):
        site = self.world.make("careless")
        os.chmod(f"{site.folder}/identity.key", 0o644)
        site.launch()
        self.assertNotEqual(site.process.wait(timeout=20), 0)
        self.assertIn("open to others", site.log())


class AtTheDoor(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = Strangers()
        try:
            cls.wujiang = cls.world.found("wujiang")
        except BaseException:
            cls.world.close()
            raise

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def knock(self, send=b"", wait_s=3.0):
        """What a stranger hears before the line is closed, or for so long."""
        with socket.create_connection(("127.0.0.1", enrolment_port(self.wujiang)), timeout=wait_s) as line:
            heard = b""
            try:
                if send:
                    line.sendall(send)
                while True:
                    piece = line.recv(65536)
                    if not piece:
                        return heard, True
                    heard += piece
            except (TimeoutError, ConnectionError):
                return heard, False

    def test_1_the_desk_is_closed_while_no_invitation_is_out(self):
        with self.assertRaises(ConnectionRefusedError):
            self.knock()

    def test_2_a_stranger_hears_the_federations_id_and_no_more(self):
        line_of(self.wujiang)
        heard, _ = self.knock(wait_s=1)
        self.assertEqual(heard.decode(), f"hansa-enrol/1 {trust(self.wujiang)['federation']}\n")
        for send in (b"\xff\xff\xff\xff", b"GET / HTTP/1.1\r\n\r\n", b"\x40\0\0\0" + b"x" * 64):
            heard, closed = self.knock(send)
            self.assertTrue(closed, send)
            self.assertLessEqual(len(heard), 79)

    def test_3_a_flood_of_strangers_is_throttled_and_the_site_lives_on(self):
        heard = 0
        lines = []
        for _ in range(200):
            line = socket.create_connection(("127.0.0.1", enrolment_port(self.wujiang)), timeout=2)
            lines.append(line)
        for line in lines:
            line.settimeout(0.2)
            try:
                heard += bool(line.recv(100))
            except (TimeoutError, ConnectionError):
                pass
            line.close()
        self.assertLess(heard, 40)
        self.assertEqual(self.wujiang.hansa("sites").returncode, 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
