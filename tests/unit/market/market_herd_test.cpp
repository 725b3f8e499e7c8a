// Many origins, a small network in the test, and few free sites: who gets them, and how many messages it takes.
#include <deque>
#include <memory>

#include "tests/unit/market/helpers.hpp"

namespace hansa::market_test {
namespace {

struct Letter {
  SiteName from;
  SiteName to;
  Message message;
  std::int64_t due_ms = 0;
};

// A site with free slots for jobs of one node each; holds hard, two seconds at most.
struct Bidder {
  SiteName name;
  std::uint64_t slots = 0;
  std::map<BidId, std::int64_t> held;  // until
  std::uint64_t awarded = 0;

  Message answer(const CallForBids& call, std::int64_t now_ms, std::uint64_t& ids) {
    std::erase_if(held, [&](const auto& hold) { return hold.second <= now_ms; });
    Bid bid{.call = call.call, .pool = "a100", .model = "nvidia-a100", .valid_for = seconds(10)};
    while (bid.bids.size() < call.count && held.size() + awarded < slots) {
      bid.bids.push_back(bid_id(++ids));
      held[bid.bids.back()] = now_ms + 2'000;
    }
    if (bid.bids.empty()) return Decline{.call = call.call, .reason = DeclineReason::too_busy};
    return bid;
  }
};

struct Origin {
  explicit Origin(const std::string& name, std::uint64_t seed)
      : site{name}, market(site, {}, **find_score("balanced"), capacity, view, Rng{seed}) {}
  SiteName site;
  FakeView view;
  CapacityView capacity;
  Market market;
};

class Herd : public testing::Test {
 protected:
  void bidder(const std::string& name, std::uint64_t slots) { bidders[{name}] = {{name}, slots, {}, 0}; }

  // Every origin has the same old digests: all slots free.
  void origins(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      herd.push_back(std::make_unique<Origin>("origin" + std::to_string(i), i + 1));
      auto& origin = *herd.back();
      for (const auto& [name, bidder] : bidders) {
        const auto nodes = static_cast<std::uint32_t>(bidder.slots);
        origin.capacity.learn(SiteRecord{.site = name, .incarnation = {1}, .pools = {pool_of(nodes)}});
        origin.capacity.learn(at(0), CapacityDigest{.site = name,
                                                    .incarnation = {1},
                                                    .version = {1},
                                                    .pools = {{.pool = "a100",
                                                               .units_free = 8 * bidder.slots,
                                                               .largest_nodes = nodes,
                                                               .largest_units_on_node = 8}}});
      }
    }
  }

  void place_everywhere(std::uint64_t jobs_each) {
    for (auto& origin : herd) {
      for (std::uint64_t i = 1; i <= jobs_each; ++i) {
        const auto start = at(0) + minutes(60);
        origin->view.home[job(i)] = start;
        origin->market.place(now_at(0), {.job = job(i), .request = gpus(8), .home = HomeOffer{.start = start}});
      }
    }
  }

  // One millisecond a hop.
  void run(std::int64_t until_ms) {
    for (; ms <= until_ms; ++ms) {
      for (auto& origin : herd) {
        Effects out;
        if (const auto due = origin->market.deadline(); due && *due <= at(ms)) origin->market.tick(now_at(ms), out);
        post(origin->site, out);
      }
      while (!mail.empty() && mail.front().due_ms <= ms) {
        const auto letter = mail.front();
        mail.pop_front();
        deliver(letter);
      }
      for (auto& origin : herd) take_verdicts(*origin);
    }
  }

  void deliver(const Letter& letter) {
    if (const auto found = bidders.find(letter.to); found != bidders.end()) {
      if (const auto* call = std::get_if<CallForBids>(&letter.message)) {
        mail.push_back({letter.to, letter.from, found->second.answer(*call, ms, ids), ms + 1});
      } else if (const auto* release = std::get_if<Release>(&letter.message)) {
        for (const auto& id : release->bids) found->second.held.erase(id);
      }
      return;
    }
    for (auto& origin : herd) {
      if (origin->site != letter.to) continue;
      Effects out;
      if (const auto* bid = std::get_if<Bid>(&letter.message)) origin->market.step(now_at(ms), letter.from, *bid, out);
      if (const auto* no = std::get_if<Decline>(&letter.message))
        origin->market.step(now_at(ms), letter.from, *no, out);
      post(origin->site, out);
    }
  }

  void post(const SiteName& from, const Effects& out) {
    for (const auto& send : out.send) {
      ++messages;
      mail.push_back({from, send.to, send.message, ms + 1});
    }
  }

  void take_verdicts(Origin& origin) {
    for (const auto& verdict : origin.market.take_verdicts()) {
      if (verdict.kind != VerdictKind::award) {
        ++at_home;
        continue;
      }
      auto& host = bidders.at(verdict.site);
      EXPECT_EQ(host.held.erase(verdict.bid), 1u) << "a bid was awarded that is not held";
      ++host.awarded;
      ++awards;
    }
  }

  std::map<SiteName, Bidder> bidders;
  std::vector<std::unique_ptr<Origin>> herd;
  std::deque<Letter> mail;
  std::int64_t ms = 0;
  std::uint64_t ids = 0;
  std::size_t messages = 0;
  std::size_t awards = 0;
  std::size_t at_home = 0;
};

TEST_F(Herd, DoesNotBuryTheOneFreeSite) {
  bidder("free", 1);
  origins(50);
  place_everywhere(1);
  run(1'000);
  EXPECT_EQ(awards, 1u);
  EXPECT_EQ(at_home, 49u);
  EXPECT_EQ(bidders.at({"free"}).awarded, 1u);
  EXPECT_LE(messages, 60u) << "one question each, and nothing more within the first second";
}

TEST_F(Herd, SpreadsOverSitesThatLookTheSame) {
  for (int i = 0; i < 20; ++i) bidder("free" + std::to_string(i), 2);
  origins(40);
  place_everywhere(1);
  run(2'000);
  RecordProperty("after_2_s", static_cast<int>(awards));
  run(5'000);
  EXPECT_GE(awards, 36u) << "of 40 jobs for 40 places, from digests that never change";
  for (const auto& [name, bidder] : bidders) EXPECT_LE(bidder.awarded, bidder.slots);
}

TEST_F(Herd, LeavesNothingHeldWhenAllIsSaid) {
  for (int i = 0; i < 5; ++i) bidder("free" + std::to_string(i), 7);
  origins(12);
  place_everywhere(9);
  run(20'000);
  EXPECT_EQ(awards, 35u) << "every place";
  for (const auto& [name, bidder] : bidders) EXPECT_TRUE(bidder.held.empty()) << name.value;
}

TEST_F(Herd, TheSameSeedsGiveTheSameOutcome) {
  std::vector<std::size_t> counts;
  for (int round = 0; round < 2; ++round) {
    bidders.clear();
    herd.clear();
    mail.clear();
    ms = 0;
    ids = messages = awards = at_home = 0;
    for (int i = 0; i < 9; ++i) bidder("free" + std::to_string(i), 3);
    origins(15);
    place_everywhere(2);
    run(2'000);
    counts.push_back(messages);
    for (const auto& [name, bidder] : bidders) counts.push_back(bidder.awarded);
  }
  EXPECT_TRUE(std::equal(counts.begin(), counts.begin() + 10, counts.begin() + 10));
}

}  // namespace
}  // namespace hansa::market_test
