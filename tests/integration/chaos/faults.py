"""What is done to the sites: each fault is drawn from the round's seed, strikes, and says when and how it ends.

A fault that finds nothing to strike (no wrapper alive, say) is not counted and another one is drawn. Kinds are dealt
like cards, each as often as its weight says, so that even a short round sees every kind.
"""
import os
import signal

from witness import uptime_s
from workload import LEASE_S

WEIGHTS = {"kill": 8, "stop": 4, "partition": 3, "one-way partition": 3, "cut link": 3, "delay": 2, "repeat": 2,
           "full disk": 2, "shim kill": 4, "second daemon": 2, "kill right after an acknowledgement": 3}
LEASE_MARGIN_S = 10  # the origin's, beside the drift bound
SLOW_S = 25          # other faults strike meanwhile: it is stopped, cut off, its disk is full
RARE = ("host of a rerun job dead", "lost journal")  # once a round each
REFUSED_BESIDE = "uses it; stop that daemon first"
REFUSED_WITHOUT_LOG = "its log journal.db-wal is gone"
REFUSED_WITHOUT_JOURNAL = "as a journal: it is empty or gone, but its log"


class Faults:
    def __init__(self, world, dice):
        self.world, self.dice = world, dice
        self.cards = []
        self.sparing = dice.random() < world.shape["spare_waiting_origin"]
        self.waits_for_rerun = None  # the origin of a rerun job whose host is dead
        self.strike_of = {
            "kill": self.kill, "stop": self.stop, "partition": self.partition, "cut link": self.cut_link,
            "one-way partition": self.one_way, "delay": self.delay, "repeat": self.repeat, "full disk": self.full_disk,
            "shim kill": self.shim_kill, "second daemon": self.second_daemon, "lost journal": self.lost_journal,
            "kill right after an acknowledgement": self.kill_after_acknowledgement,
            "host of a rerun job dead": self.dead_host}

    def draw(self):
        if not self.cards:
            self.cards = [kind for kind, weight in WEIGHTS.items() for _ in range(weight)]
            self.dice.shuffle(self.cards)
        return self.cards.pop()

    def strike(self, kind):
        if self.strike_of[kind]():
            self.world.count(kind)
            return True
        return False

    def later(self, shortest_s, longest_s, action):
        self.world.at(self.dice.uniform(shortest_s, longest_s), action)

    def some_site(self, condition=lambda site: True):
        fit = [site for site in self.world.sites if site.running() and not site.held and condition(site)]
        return self.dice.choice(fit) if fit else None

    def pair(self):
        one, other = self.dice.sample(self.world.sites, 2)
        return one.name, other.name

    # Processes
    def spared(self, site):
        """A lease counts from its origin's last restart: where that is killed all the time, it is never out."""
        return self.sparing and site is self.waits_for_rerun

    def kill(self):
        site = self.some_site(lambda each: not self.spared(each))
        return site is not None and self.kill_for(site, 0.0, 4.0)

    def kill_for(self, site, shortest_s, longest_s):
        self.world.note(f"kill -9 {site.name}")
        site.kill_hard()
        self.later(shortest_s, longest_s, lambda: self.bring_up(site))
        return True

    def bring_up(self, site):
        if not site.running() and not site.held:
            self.world.note(f"start {site.name}")
            site.up()

    def kill_after_acknowledgement(self):
        site = self.some_site(lambda each: not each.frozen and not self.spared(each))
        if site is None or site in self.world.kill_when_acknowledged:
            return False
        self.world.kill_when_acknowledged[site] = lambda: self.kill_for(site, 0.0, 2.0)
        return True

    def stop(self):
        site = self.some_site(lambda each: not each.frozen)
        if site is None:
            return False
        self.world.note(f"stop {site.name}")
        site.freeze()
        process = site.process
        self.later(0.2, 6.0, lambda: site.thaw() if site.process is process else None)
        return True

    def shim_kill(self):
        shims = [shim for site in self.world.sites for shim in site.shims()]
        if not shims:
            return False
        pid, run = self.dice.choice(sorted(shims))
        self.world.note(f"kill -9 the wrapper of {run}")
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return False
        self.world.shims_killed.append(run)
        return True

    def second_daemon(self):
        site = self.some_site()
        if site is None:
            return False
        first = site.process
        code, said = site.try_to_start()
        if first.poll() is not None:
            return False  # killed meanwhile, or still on its way to the lock: then the other was right to take it
        if code != 1 or REFUSED_BESIDE not in said or len(said.splitlines()) != 1:
            self.world.fail(f"a second daemon on {site.name}'s state folder ended with {code} and said: {said}")
        return True

    # The network
    def partition(self):
        site = self.dice.choice(self.world.sites).name
        others = [other.name for other in self.world.sites if other.name != site]
        self.world.note(f"{site} is cut off in silence")
        for other in others:
            self.world.network.stop(site, other)
            self.world.network.stop(other, site)
        self.later(0.5, 8.0, lambda: [self.world.network.heal(site, other) for other in others])
        return True

    def one_way(self):
        speaker, listener = self.pair()
        self.world.note(f"nothing that {speaker} sends reaches {listener}")
        self.world.network.stop(speaker, listener)
        self.later(0.5, 8.0, lambda: self.world.network.heal(speaker, listener))
        return True

    def cut_link(self):
        one, other = self.pair()
        self.world.note(f"{one} and {other} are cut")
        self.world.network.cut(one, other)
        self.later(0.0, 5.0, lambda: self.world.network.heal(one, other))
        return True

    def delay(self):
        speaker, listener = self.pair()
        if not self.world.network.slow(speaker, listener, self.dice.uniform(0.02, 0.4)):
            return False
        self.world.note(f"{speaker} to {listener} is slow")
        self.later(1.0, 5.0, lambda: self.world.network.slow(speaker, listener, 0.0))
        return True

    def repeat(self):
        return self.world.network.repeat(*self.pair())

    # The disk
    def full_disk(self):
        site = self.some_site(lambda each: each.own_disk and not each.disk_is_full)
        if site is None:
            return False
        self.world.note(f"{site.name}'s disk is full")
        site.fill_disk()
        self.later(0.5, 5.0, site.empty_disk)
        return True

    def lost_journal(self):
        site = self.some_site(lambda each: not each.frozen and not each.disk_is_full and
                              each is not self.waits_for_rerun and each.ready())
        if site is None:
            return False
        site.held = True
        self.world.note(f"{site.name} loses its journal")
        site.kill_hard()
        with site.without_log():
            self.expect_refusal(site, REFUSED_WITHOUT_LOG, "with its journal but without its log")
        site.lose_journal(whole=False)
        self.expect_refusal(site, REFUSED_WITHOUT_JOURNAL, "without its journal but with its log")
        site.life += 1
        site.lose_journal(whole=True)
        self.world.losses.append((site, uptime_s()))
        self.later(0.0, 2.0, lambda: self.release(site))
        return True

    def expect_refusal(self, site, sentence, how):
        code, said = site.try_to_start()
        if code != 1 or sentence not in said or len(said.splitlines()) != 1:
            self.world.fail(f"{site.name} {how} ended with {code} and said: {said}")

    # A host that stays down until its rerun job was placed elsewhere
    def dead_host(self):
        found = [(job, view) for job, view in self.world.watch.shown_of("rerun")
                 if view["state"] == "RUNNING" and view["host"] not in (None, view["origin"])]
        by_name = {site.name: site for site in self.world.sites}
        found = [(job, by_name[view["host"]], view["epoch"]) for job, view in found]
        found = [each for each in found if each[1].running() and not each[1].held]
        if not found:
            return False
        job, host, epoch = self.dice.choice(found)
        self.world.note(f"kill -9 {host.name} for good, under the rerun job {job.id}")
        host.held = True
        host.kill_hard()
        self.waits_for_rerun = job.origin
        self.world.at(1.0, lambda: self.look_after(job, host, epoch, uptime_s() + 60))
        return True

    def look_after(self, job, host, epoch, until_s):
        view = self.world.watch.shown.get(job.id)
        placed_again = view is not None and (view["epoch"] > epoch or view["outcome"])
        if not placed_again and uptime_s() < until_s:
            return self.world.at(1.0, lambda: self.look_after(job, host, epoch, until_s))
        if placed_again:
            self.world.count("rerun job placed elsewhere")
        elif job.origin.up_for_s() < LEASE_S + LEASE_MARGIN_S + SLOW_S:
            self.world.count("rerun job not placed: its origin was killed again before the lease was out")
        else:
            self.world.fail(f"{job.id} was not placed elsewhere though its lease was out", job.id, job.mark)
        self.waits_for_rerun = None
        return self.release(host)

    def release(self, site):
        site.held = False
        self.bring_up(site)
