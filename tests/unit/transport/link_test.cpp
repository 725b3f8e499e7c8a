#include "src/transport/link.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <utility>
#include <vector>

namespace hansa::transport {
namespace {

TEST(Link, UsesTheOnlyConnectionThereIs) {
  Link link(Via::dialled);
  EXPECT_FALSE(link.in_use());
  link.established(Via::accepted);
  EXPECT_EQ(link.in_use(), Via::accepted);
  link.lost(Via::accepted);
  EXPECT_FALSE(link.in_use());
}

TEST(Link, ThePreferredConnectionTakesOverAndRetiresTheOther) {
  Link link(Via::accepted);
  link.established(Via::dialled);
  link.established(Via::accepted);
  EXPECT_EQ(link.in_use(), Via::accepted);
  EXPECT_TRUE(link.dialled_is_spare());
  link.lost(Via::accepted);
  EXPECT_FALSE(link.in_use()) << "the peer has turned away from the retired connection";
}

TEST(Link, AConnectionYoungerThanThePreferredOneStandsBy) {
  Link link(Via::dialled);
  link.established(Via::dialled);
  link.established(Via::accepted);
  EXPECT_EQ(link.in_use(), Via::dialled);
  link.lost(Via::dialled);
  EXPECT_EQ(link.in_use(), Via::accepted);
}

TEST(Link, FramesOfAnOlderConnectionAreNotTakenAfterOneOfAYounger) {
  Link link(Via::dialled);
  link.established(Via::accepted);
  link.established(Via::dialled);
  EXPECT_TRUE(link.takes_frame_from(Via::accepted)) << "sent before the peer saw the preferred connection";
  EXPECT_TRUE(link.takes_frame_from(Via::dialled));
  EXPECT_FALSE(link.takes_frame_from(Via::accepted));
}

TEST(Link, APeerThatSpeaksOnAYoungerConnectionHasLostThePreferredOne) {
  Link link(Via::dialled);
  link.established(Via::dialled);
  EXPECT_TRUE(link.takes_frame_from(Via::dialled));
  link.established(Via::accepted);
  EXPECT_FALSE(link.dialled_is_dead());
  EXPECT_TRUE(link.takes_frame_from(Via::accepted));
  EXPECT_TRUE(link.dialled_is_dead());
}

TEST(Link, AFrameFromAConnectionThatIsDownIsNotTaken) {
  Link link(Via::dialled);
  EXPECT_FALSE(link.takes_frame_from(Via::dialled));
  link.established(Via::dialled);
  link.lost(Via::dialled);
  EXPECT_FALSE(link.takes_frame_from(Via::dialled));
}

// Two sides that dial, greet and answer as PeerLane does; each hears of a broken connection at a time of its own.
// Side 0 has the smaller key. Connection c is dialled by side c, time and again: each time is an instance of it.
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
    int number = 0;
  };

  static Via via(int side, int connection) { return side == connection ? Via::dialled : Via::accepted; }

  // The side with the larger key dials only while it has no connection.
  void dial(int c) {
    if (current_[c][c] || (c == 1 && links_[1].up(Via::accepted))) return;
    attempt_[c] = ++instances_;
    ways_[c][c].push_back({hello, attempt_[c]});
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
  void establish(int c, int side, int instance) {
    lose(c, side);
    current_[c][side] = instance;
    links_[side].established(via(side, c));
  }
  void send(int side) {
    const auto in_use = links_[side].in_use();
    if (!in_use) return;
    const int c = *in_use == Via::dialled ? side : 1 - side;
    ways_[c][side].push_back({frame, current_[c][side], ++sent_[side]});
  }
  void arrive(int c, int from) {
    if (ways_[c][from].empty()) return;
    const Item item = ways_[c][from].front();
    ways_[c][from].pop_front();
    const int side = 1 - from;
    if (item.kind == hello) return greeted(c, side, item.instance);
    if (item.kind == welcome && attempt_[c] == item.instance) return establish(c, side, item.instance);
    if (item.kind == frame && current_[c][side] == item.instance) take(c, side, item.number);
  }
  void greeted(int c, int side, int instance) {
    establish(c, side, instance);
    ways_[c][side].push_back({welcome, instance});
    if (side == 1 && !links_[1].up(Via::dialled)) attempt_[1] = 0;
  }
  void take(int c, int side, int number) {
    if (!links_[side].takes_frame_from(via(side, c))) return;
    ++arrived_;
    in_order_ = in_order_ && number > heard_[side];
    heard_[side] = number;
    if (links_[side].dialled_is_dead()) lose(side, side);
  }

  std::mt19937 random_;
  Link links_[2]{Link(Via::dialled), Link(Via::accepted)};
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
    for (int i = 0; i < 2000; ++i) sides.step();
    ASSERT_TRUE(sides.in_order()) << "seed " << seed;
    arrived += sides.arrived();
  }
  EXPECT_GT(arrived, 50'000);
}

}  // namespace
}  // namespace hansa::transport
