#include "src/transport/link.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <utility>
#include <vector>

namespace hansa::transport {
namespace {

constexpr Run run = 1;

TEST(Link, UsesTheOnlyConnectionThereIs) {
  Link link(Via::dialled);
  EXPECT_FALSE(link.in_use());
  link.established(Via::accepted, run);
  EXPECT_EQ(link.in_use(), Via::accepted);
  link.lost(Via::accepted);
  EXPECT_FALSE(link.in_use());
}

TEST(Link, ThePreferredConnectionTakesOverAndRetiresTheOther) {
  Link link(Via::accepted);
  link.established(Via::dialled, run);
  link.established(Via::accepted, run);
  EXPECT_EQ(link.in_use(), Via::accepted);
  EXPECT_TRUE(link.dialled_is_spare());
  link.lost(Via::accepted);
  EXPECT_FALSE(link.in_use()) << "the peer has turned away from the retired connection";
}

TEST(Link, AConnectionYoungerThanThePreferredOneStandsBy) {
  Link link(Via::dialled);
  link.established(Via::dialled, run);
  link.established(Via::accepted, run);
  EXPECT_EQ(link.in_use(), Via::dialled);
  link.lost(Via::dialled);
  EXPECT_EQ(link.in_use(), Via::accepted);
}

TEST(Link, EveryTurnToAnotherConnectionIsATerm) {
  Link link(Via::dialled);
  link.established(Via::accepted, run);
  const Term first = link.term();
  link.established(Via::dialled, run);
  EXPECT_GT(link.term(), first);
  const Term second = link.term();
  link.lost(Via::accepted);
  EXPECT_EQ(link.term(), second) << "it was not in use";
}

TEST(Link, WhatWasSentInAnEarlierTermIsNotTakenAfterALaterOne) {
  Link link(Via::dialled);
  link.established(Via::accepted, run);
  link.established(Via::dialled, run);
  EXPECT_TRUE(link.takes(Via::accepted, 1)) << "sent before the peer saw the preferred connection";
  EXPECT_TRUE(link.takes(Via::dialled, 2));
  EXPECT_FALSE(link.takes(Via::accepted, 1));
  EXPECT_TRUE(link.takes(Via::dialled, 2));
}

TEST(Link, TermsBeginAnewWithAnotherRunOfThePeer) {
  Link link(Via::dialled);
  link.established(Via::dialled, run);
  EXPECT_TRUE(link.takes(Via::dialled, 9));
  link.lost(Via::dialled);
  link.established(Via::dialled, run + 1);
  EXPECT_TRUE(link.takes(Via::dialled, 1));
}

TEST(Link, TwoRunsOfOnePeerContradictEachOther) {
  Link link(Via::dialled);
  EXPECT_FALSE(link.contradicts(Via::dialled, run));
  link.established(Via::dialled, run);
  EXPECT_FALSE(link.contradicts(Via::accepted, run));
  EXPECT_TRUE(link.contradicts(Via::accepted, run + 1));
}

TEST(Link, APeerThatTurnedAwayFromTheDialledConnectionHasLostIt) {
  Link link(Via::dialled);
  link.established(Via::dialled, run);
  EXPECT_TRUE(link.takes(Via::dialled, 1));
  link.established(Via::accepted, run);
  EXPECT_FALSE(link.dialled_is_dead());
  EXPECT_TRUE(link.takes(Via::accepted, 2));
  EXPECT_TRUE(link.dialled_is_dead());
}

TEST(Link, AFrameFromAConnectionThatIsDownIsNotTaken) {
  Link link(Via::dialled);
  EXPECT_FALSE(link.takes(Via::dialled, 1));
  link.established(Via::dialled, run);
  link.lost(Via::dialled);
  EXPECT_FALSE(link.takes(Via::dialled, 1));
}

TEST(Link, AGreetingFromARunThatIsGoneIsContradicted) {
  Link link(Via::dialled);
  link.established(Via::accepted, run);
  link.lost(Via::accepted);
  link.established(Via::accepted, run + 1);
  link.lost(Via::accepted);
  EXPECT_TRUE(link.contradicts(Via::dialled, run));
  EXPECT_FALSE(link.contradicts(Via::dialled, run + 1));
}

// Two sides that dial, greet and answer as PeerLane does, and restart; each hears of a broken connection at a time of
// its own, and of anything else too. Side 0 has the smaller key. Connection c is dialled by side c, time and again:
// each time is an instance of it.
class TwoSides {
 public:
  explicit TwoSides(unsigned seed) : random_(seed) {}

  void step() {
    const int one = static_cast<int>(random_() % 2), two = static_cast<int>(random_() % 2);
    switch (random_() % 16) {
      case 0:
        return dial(one);
      case 1:
        return hear_of_break(one, two);
      case 2:
        return random_() % 16 ? send(two) : restart(one);
      case 3:
      case 4:
      case 5:
      case 6:
        return send(one);
      default:
        return arrive(one, two);
    }
  }
  bool in_order() const { return in_order_; }
  int arrived() const { return arrived_; }

 private:
  enum Kind { hello, welcome, frame };
  struct Item {
    Kind kind;
    int instance;
    Run run;
    Term term = 0;
    int number = 0;
  };

  static Via via(int side, int connection) { return side == connection ? Via::dialled : Via::accepted; }

  // The side with the larger key dials only while it has no connection.
  void dial(int c) {
    if (current_[c][c] || (c == 1 && links_[1].up(Via::accepted))) return;
    attempt_[c] = ++instances_;
    ways_[c][c].push_back({hello, attempt_[c], run_[c]});
  }
  void lose(int c, int side) {
    if (!current_[c][side]) return;
    current_[c][side] = 0;
    links_[side].lost(via(side, c));
    if (links_[side].dialled_is_retired()) lose(side, side);
  }
  void hear_of_break(int c, int side) {
    if (side == c) attempt_[c] = 0;
    lose(c, side);
  }
  // A process that is gone hears nothing more; what it sent may still be under way, but for greetings, to which nobody
  // answers any more.
  void restart(int side) {
    for (int c : {0, 1}) hear_of_break(c, side);
    links_[side] = Link(side == 0 ? Via::dialled : Via::accepted);
    ++run_[side];
    for (int c : {0, 1}) ways_[c][1 - side].clear();
    std::erase_if(ways_[side][side], [](const Item& item) { return item.kind == hello; });
  }
  bool establish(int c, int side, const Item& greeting) {
    lose(c, side);
    if (links_[side].contradicts(via(side, c), greeting.run)) {
      lose(1 - c, side);
      return false;
    }
    current_[c][side] = greeting.instance;
    links_[side].established(via(side, c), greeting.run);
    return true;
  }
  void send(int side) {
    const auto in_use = links_[side].in_use();
    if (!in_use) return;
    const int c = *in_use == Via::dialled ? side : 1 - side;
    ways_[c][side].push_back({frame, current_[c][side], run_[side], links_[side].term(), ++sent_[side]});
  }
  void arrive(int c, int from) {
    if (ways_[c][from].empty()) return;
    const Item item = ways_[c][from].front();
    ways_[c][from].pop_front();
    const int side = 1 - from;
    if (item.kind == hello) return greeted(c, side, item);
    if (item.kind == welcome && attempt_[c] == item.instance) return (void)establish(c, side, item);
    if (item.kind == frame && current_[c][side] == item.instance) take(c, side, item);
  }
  void greeted(int c, int side, const Item& greeting) {
    const bool restarted = greeting.run != links_[side].peer_run();
    if (!establish(c, side, greeting)) return;
    if (restarted && !links_[side].up(Via::dialled)) attempt_[side] = 0;
    ways_[c][side].push_back({welcome, greeting.instance, run_[side]});
    if (side == 1 && !links_[1].up(Via::dialled)) attempt_[1] = 0;
  }
  void take(int c, int side, const Item& item) {
    if (!links_[side].takes(via(side, c), item.term)) return;
    ++arrived_;
    in_order_ = in_order_ && item.number > heard_[side];
    heard_[side] = item.number;
    if (links_[side].dialled_is_dead()) lose(side, side);
  }

  std::mt19937 random_;
  Link links_[2]{Link(Via::dialled), Link(Via::accepted)};
  Run run_[2]{1, 1};
  std::deque<Item> ways_[2][2];  // by connection and sender
  int current_[2][2]{};          // instance that is up, by connection and side
  int attempt_[2]{};             // instance that is being dialled
  int instances_ = 0;
  int sent_[2]{}, heard_[2]{};
  int arrived_ = 0;
  bool in_order_ = true;
};

TEST(Link, NothingIsReorderedOrRepeatedWhateverComesUpAndBreaks) {
  int arrived = 0;
  for (unsigned seed = 1; seed <= 500; ++seed) {
    TwoSides sides(seed);
    for (int i = 0; i < 4000; ++i) sides.step();
    ASSERT_TRUE(sides.in_order()) << "seed " << seed;
    arrived += sides.arrived();
  }
  EXPECT_GT(arrived, 50'000);
}

}  // namespace
}  // namespace hansa::transport
