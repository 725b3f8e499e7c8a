// A member that means harm, among honest ones: what it can say, what the others see of it, and what that cost them.
#include <map>

#include "src/sim/federation.hpp"
#include "tests/sim/small.hpp"

namespace hansa::sim {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

const SiteName wujiang{"wujiang"}, hai{"hai"}, lin{"lin"}, mallory{"mallory"};

class HostileMember : public testing::Test {
 protected:
  using Said = std::vector<Message>;

  void SetUp() override {
    add(wujiang, 1, 1);
    add(hai, 4, 1);
    add(lin, 4, 1);
    add(mallory, 1'000'000, 1e9);  // what it says it has
    for (auto& site : federation.sites()) federation.start(*site);
    pass(seconds(10));
  }
  ~HostileMember() override { EXPECT_FALSE(federation.judge().violation()) << *federation.judge().violation(); }

  void add(const SiteName& name, std::uint32_t nodes, double tflops) {
    ControllerOptions options{.site = name};
    const Pool pool{.name = "cpu", .nodes = nodes, .per_node = {.cores = 4}, .tflops_per_unit = tflops};
    federation.add({.controller = options, .pools = {pool}, .seed = ++seed_});
  }
  void pass(Duration by) { federation.run_until(federation.timeline().now() + by); }
  const Controller& at(const SiteName& site) { return federation.site(site).controller(); }

  std::vector<JobId> submit(std::size_t count, OnPartition on_partition = OnPartition::wait) {
    JobRequest request{.name = "x", .user = "mei", .on_partition = on_partition};
    request.resources.per_node.cores = 4;
    request.resources.time_limit = seconds(100);
    if (on_partition == OnPartition::rerun) request.lease = minutes(5);
    std::vector<JobId> ids;
    for (std::size_t i = 0; i < count; ++i) {
      federation.site(wujiang).call({.user = "mei"}, SubmitJobs{{{.request = request}}}, [&](const ApiReply& reply) {
        if (reply) ids.push_back(std::get<Submitted>(reply.value()).jobs.front());
      });
    }
    pass(std::chrono::milliseconds(200));
    return ids;
  }
  // Where each ended; nothing for one that has not.
  std::map<SiteName, int> ended_at(const std::vector<JobId>& ids) {
    std::map<SiteName, int> sites;
    for (const auto& id : ids) {
      const auto* ended = std::get_if<Ended>(&at(wujiang).origin().find(id)->record.state);
      if (ended && ended->outcome->state == FinalState::completed) ++sites[ended->host];
    }
    return sites;
  }
  int ended_elsewhere(const std::vector<JobId>& ids) {
    int count = 0;
    for (const auto& [site, ended] : ended_at(ids)) count += site == mallory ? 0 : ended;
    return count;
  }
  // What wujiang expects of a promise of theirs, beyond its words.
  Duration delay_of(const SiteName& site) {
    return at(wujiang).reputation().expected_delay(federation.timeline().now(), site);
  }
  int awarded_to_mallory = 0;

  // From its start on: mallory takes every award and never confirms a run to itself, so that it never starts one.
  Said takes_and_never_runs(const SiteName& from, const SiteName& to, Message message) {
    if (to == mallory && std::holds_alternative<Confirm>(message)) return {};
    if (const auto* award = std::get_if<Award>(&message); award && to == mallory) {
      awarded_to_mallory += static_cast<int>(award->tasks.size());
    }
    static_cast<void>(from);
    return {std::move(message)};
  }

  std::function<Said(const SiteName&, const SiteName&, Message)> tamper =
      [](const SiteName&, const SiteName&, Message message) { return Said{std::move(message)}; };
  RunPlan plan{.wrapper_delay = std::chrono::milliseconds(10), .duration = seconds(5)};
  Federation federation{{.seed = 3,
                         .signatures = fake_signatures,
                         .plan = [this](const RunKey&) { return plan; },
                         .tamper = [this](const SiteName& from, const SiteName& to,
                                          Message message) { return tamper(from, to, std::move(message)); }}};

 private:
  std::uint64_t seed_ = 0;
};

TEST_F(HostileMember, ThatBidsForEverythingAndRunsNothingDelaysAFewJobsOnceAndIsThenAskedLast) {
  tamper = [this](auto& from, auto& to, Message m) { return takes_and_never_runs(from, to, std::move(m)); };
  const auto first = submit(12);
  pass(seconds(20));
  const auto fooled = awarded_to_mallory;
  EXPECT_GT(fooled, 0) << "it looked best of all";
  EXPECT_EQ(ended_elsewhere(first), 12 - fooled);
  pass(minutes(2));
  EXPECT_EQ(ended_elsewhere(first), 12) << "what it sat on was taken back from it";
  EXPECT_GT(delay_of(mallory), seconds(30));
  EXPECT_EQ(delay_of(hai), seconds(0));

  awarded_to_mallory = 0;
  const auto second = submit(8);
  pass(seconds(30));
  EXPECT_EQ(ended_elsewhere(second), 8) << "at once, at the honest sites";
  EXPECT_EQ(awarded_to_mallory, 0);
}

TEST_F(HostileMember, ThatNeverAnswersEitherLosesItsJobsWithTheirLease) {
  tamper = [this](auto& from, auto& to, Message m) {
    const bool unheard = to == mallory && (std::holds_alternative<Revoke>(m) || std::holds_alternative<Renewed>(m));
    return unheard ? Said{} : takes_and_never_runs(from, to, std::move(m));
  };
  const auto jobs = submit(12, OnPartition::rerun);
  pass(minutes(2));
  EXPECT_LT(ended_elsewhere(jobs), 12) << "it may be running them, for all that is known";
  pass(minutes(10));
  EXPECT_EQ(ended_elsewhere(jobs), 12);
}

TEST_F(HostileMember, ThatSaysItRunsWhatItDoesNotHoldsAWaitingJobUntilAHumansWord) {
  tamper = [this](auto& from, auto& to, Message m) {
    if (from == mallory && std::holds_alternative<Finished>(m)) return Said{};
    if (to == mallory && std::holds_alternative<Revoke>(m)) return Said{};
    if (const auto* award = std::get_if<Award>(&m); award && to == mallory) {
      awarded_to_mallory += static_cast<int>(award->tasks.size());
    }
    return Said{std::move(m)};
  };
  const auto jobs = submit(6);
  pass(minutes(20));
  EXPECT_GT(awarded_to_mallory, 0);
  EXPECT_EQ(ended_elsewhere(jobs), 6 - awarded_to_mallory);
  for (const auto& id : jobs) {
    if (std::holds_alternative<Ended>(at(wujiang).origin().find(id)->record.state)) continue;
    federation.judge().reran_by_hand(id);
    federation.site(wujiang).call({.user = "mei"},
                                  ActOnJob{.act = JobAct::rerun, .job = {.site = wujiang, .number = id.number}},
                                  [](const ApiReply& reply) { EXPECT_TRUE(reply); });
  }
  pass(minutes(2));
  EXPECT_EQ(ended_elsewhere(jobs), 6);
}

TEST_F(HostileMember, CanSayOnlyOfItsOwnRunsThatTheyAreFinished) {
  std::vector<RunKey> others;
  tamper = [&](const SiteName& from, const SiteName& to, Message m) {
    if (const auto* award = std::get_if<Award>(&m); award && to != mallory) {
      for (const auto& task : award->tasks) others.push_back(task.run);
    }
    Said said;
    if (from == mallory && to == wujiang) {
      for (const auto& run : others) said.push_back(Finished{.run = run, .outcome = {.state = FinalState::failed}});
    }
    said.push_back(std::move(m));
    return said;
  };
  plan.duration = seconds(30);
  const auto jobs = submit(12);
  pass(minutes(3));
  EXPECT_FALSE(others.empty());
  int completed = 0;
  for (const auto& [site, count] : ended_at(jobs)) completed += count;
  EXPECT_EQ(completed, 12) << "nobody believed it about a run that it does not have";
}

TEST_F(HostileMember, ThatFinishesWhatItNeverRanSpoilsTheJobsItWasGivenAndNoOther) {
  tamper = [](const SiteName& from, const SiteName& to, Message m) {
    if (const auto* confirm = std::get_if<Confirm>(&m); confirm && to == mallory) return Said{};
    if (const auto* accepted = std::get_if<Accepted>(&m); accepted && from == mallory) {
      const Finished lie{.run = accepted->run, .outcome = {.state = FinalState::completed}};
      return Said{std::move(m), lie};
    }
    return Said{std::move(m)};
  };
  const auto jobs = submit(12);
  pass(minutes(3));
  auto ended = ended_at(jobs);
  EXPECT_EQ(ended[mallory] + ended[hai] + ended[lin] + ended[wujiang], 12);
  EXPECT_GT(ended[mallory], 0);
  const auto& told = at(wujiang).origin();
  for (const auto& id : jobs) {
    const auto& end = std::get<Ended>(told.find(id)->record.state);
    if (end.host != mallory) continue;
    EXPECT_EQ(end.outcome->usage.elapsed, seconds(0)) << "which is what its owner is shown";
  }
}

TEST_F(HostileMember, ThatSuspectsEverybodyHasNobodyDeclaredDead) {
  std::uint64_t lies = 0;
  tamper = [&](const SiteName& from, const SiteName&, Message m) {
    auto* probe = std::get_if<Probe>(&m);
    if (from == mallory && probe) {
      for (const auto& site : {wujiang, hai, lin}) {
        const auto* member = at(mallory).membership().find(site);
        if (!member) continue;
        const auto incarnation = member->record.value.incarnation;
        probe->gossip.updates.push_back({site, incarnation, MemberState::suspect, mallory});
        probe->gossip.updates.push_back({site, incarnation, MemberState::failed, mallory});
        lies += 2;
      }
    }
    return Said{std::move(m)};
  };
  std::map<std::pair<SiteName, SiteName>, int> away;
  for (int i = 0; i < 600; ++i) {
    pass(seconds(1));
    for (const auto& a : {wujiang, hai, lin}) {
      for (const auto& b : {wujiang, hai, lin}) {
        if (a != b && at(a).membership().find(b)->state == MemberState::failed) ++away[{a, b}];
      }
    }
  }
  EXPECT_GT(lies, 100u);
  for (const auto& [pair, count] : away) {
    EXPECT_LE(count, 30) << pair.second.value << " was taken for failed at " << pair.first.value
                         << " for so many of 600 s";
  }
  const auto jobs = submit(12);
  pass(minutes(3));
  int completed = 0;
  for (const auto& [site, count] : ended_at(jobs)) completed += count;
  EXPECT_EQ(completed, 12);
}

// With a store that is wujiang's it could award wujiang's jobs before wujiang does, whose own awards would then be
// taken for another's.
TEST_F(HostileMember, ThatSaysItHasAnothersStoreTakesNoJobOfThatSite) {
  const auto stolen = at(wujiang).hello()->record.value.store;
  int thefts = 0, awards = 0;
  tamper = [&](const SiteName& from, const SiteName&, Message m) {
    if (from != mallory) return Said{std::move(m)};
    if (auto* hello = std::get_if<Hello>(&m)) {
      ++thefts;
      auto record = hello->record.value;
      record.store = stolen;
      record.incarnation = record.incarnation.next();
      hello->record = fake_signatures(mallory)->sign(record);
    }
    if (auto* award = std::get_if<Award>(&m)) {
      for (auto& task : award->tasks) task.run.job.store = stolen;
      awards += static_cast<int>(award->tasks.size());
    }
    return Said{std::move(m)};
  };
  for (const auto& site : {hai, lin}) {
    federation.network().cut(mallory, site);
    federation.network().heal(mallory, site);
  }
  pass(seconds(5));
  JobRequest bait{.name = "x", .user = "mallory"};
  bait.wishes.sites = {hai, lin};
  for (int i = 0; i < 8; ++i) {
    federation.site(mallory).call({.user = "mallory"}, SubmitJobs{{{.request = bait}}}, [](const ApiReply&) {});
  }
  pass(seconds(2));
  EXPECT_GT(awards, 0);
  EXPECT_GT(thefts, 0);
  EXPECT_EQ(at(hai).host().runs().size() + at(lin).host().runs().size(), 0u);
  const auto jobs = submit(12);
  pass(minutes(3));
  int ended = 0;
  for (const auto& [site, count] : ended_at(jobs)) ended += count;
  EXPECT_EQ(ended, 12);
}

}  // namespace
}  // namespace hansa::sim
