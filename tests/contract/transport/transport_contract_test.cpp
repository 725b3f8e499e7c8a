// What every transport promises (hansa/ports/transport.hpp), tried on each kind.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "protocol/wire/limits.hpp"
#include "tests/contract/transport/transport_network.hpp"

namespace hansa::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Kind {
  const char* name;
  std::unique_ptr<TransportNetwork> (*make)();
};

class TransportContract : public ::testing::TestWithParam<Kind> {
 protected:
  bool until(const std::function<bool()>& condition) { return net_->until(condition); }
  Recorder& heard_by(const std::string& site) { return net_->heard_by(site); }

  // Sends until the transport takes it: a link may be going down unnoticed.
  bool send_until_heard(const std::string& from, const std::string& to, const std::string& frame) {
    return until([&] {
      if (heard_by(to).has(frame)) return true;
      net_->at(from).send({to}, Lane::control, frame);
      return until_soon([&] { return heard_by(to).has(frame); });
    });
  }
  bool until_soon(const std::function<bool()>& condition) {
    for (int i = 0; i < 20; ++i) {
      int looks = 0;
      until([&] { return condition() || ++looks > 20; });
      if (condition()) return true;
    }
    return false;
  }

  std::unique_ptr<TransportNetwork> net_ = GetParam().make();
};

std::vector<std::string> numbered(int count, const std::string& word = "") {
  std::vector<std::string> frames;
  for (int i = 0; i < count; ++i) frames.push_back(word + std::to_string(i));
  return frames;
}

TEST_P(TransportContract, FramesArriveInOrderAndUnchanged) {
  net_->start("a");
  net_->start("b");
  ASSERT_TRUE(net_->connect({"a", "b"}));
  auto frames = numbered(5000);
  frames.push_back("");
  frames.push_back(std::string(100'000, '\0'));
  frames.push_back("the last");
  for (const auto& frame : frames) ASSERT_TRUE(net_->at("a").send({"b"}, Lane::control, frame));
  ASSERT_TRUE(until([&] { return heard_by("b").count(Recorder::Entry::frame) == frames.size(); }));
  EXPECT_EQ(heard_by("b").frames({"a"}), frames);
}

TEST_P(TransportContract, AFrameIsAttributedToTheSiteWhoseKeySentIt) {
  for (const auto* site : {"a", "b", "c"}) net_->start(site);
  ASSERT_TRUE(net_->connect({"a", "b", "c"}));
  net_->at("a").send({"c"}, Lane::control, "I am b");
  net_->at("b").send({"c"}, Lane::control, "I am a");
  ASSERT_TRUE(until([&] { return heard_by("c").count(Recorder::Entry::frame) == 2; }));
  EXPECT_THAT(heard_by("c").frames({"a"}), ElementsAre("I am b"));
  EXPECT_THAT(heard_by("c").frames({"b"}), ElementsAre("I am a"));
}

TEST_P(TransportContract, LanesAreApart) {
  net_->start("a");
  net_->start("b");
  ASSERT_TRUE(net_->connect({"a", "b"}));
  net_->at("a").send({"b"}, Lane::control, "control");
  net_->at("a").send({"b"}, Lane::bulk, "bulk");
  ASSERT_TRUE(until([&] { return heard_by("b").count(Recorder::Entry::frame) == 2; }));
  EXPECT_THAT(heard_by("b").frames({"a"}, Lane::control), ElementsAre("control"));
  EXPECT_THAT(heard_by("b").frames({"a"}, Lane::bulk), ElementsAre("bulk"));
}

TEST_P(TransportContract, AFrameForNobodyIsRefusedAtOnce) {
  net_->start("a");
  net_->start("b");
  EXPECT_FALSE(net_->at("a").send({"b"}, Lane::control, "unknown"));
  net_->introduce("a", {"b"});
  EXPECT_FALSE(net_->at("a").send({"b"}, Lane::control, "not connected: b does not know a"));
  EXPECT_EQ(net_->at("a").counters().frames_dropped_total, 2u);
}

TEST_P(TransportContract, UpIsToldBeforeTheFirstFrame) {
  net_->start("a");
  net_->start("b");
  ASSERT_TRUE(net_->connect({"a", "b"}));
  net_->at("a").send({"b"}, Lane::control, "first");
  ASSERT_TRUE(until([&] { return heard_by("b").has("first"); }));
  const auto entries = heard_by("b").entries();
  const auto of_control = [](Recorder::Entry::Kind kind) {
    return [kind](const Recorder::Entry& entry) { return entry.lane == Lane::control && entry.kind == kind; };
  };
  const auto up = std::find_if(entries.begin(), entries.end(), of_control(Recorder::Entry::up));
  const auto frame = std::find_if(entries.begin(), entries.end(), of_control(Recorder::Entry::frame));
  EXPECT_LT(up, frame);
}

TEST_P(TransportContract, ASiteThatOnlyDialsOutSpeaksAndHears) {
  for (const auto* dialler : {"a", "c"}) {  // a smaller and a larger key than the other's
    net_->start("b");
    net_->start_dialling_out_only(dialler);
    ASSERT_TRUE(net_->connect({dialler, "b"})) << dialler;
    net_->at(dialler).send({"b"}, Lane::control, std::string("from ") + dialler);
    net_->at("b").send({dialler}, Lane::control, std::string("to ") + dialler);
    net_->at("b").send({dialler}, Lane::bulk, std::string("bulk to ") + dialler);
    EXPECT_TRUE(until([&] { return heard_by("b").has(std::string("from ") + dialler); }));
    EXPECT_TRUE(until([&] { return heard_by(dialler).has(std::string("to ") + dialler); }));
    EXPECT_TRUE(until([&] { return heard_by(dialler).has(std::string("bulk to ") + dialler); }));
  }
}

TEST_P(TransportContract, WhenBothDialNothingIsDuplicatedOrReordered) {
  net_->start("a");
  net_->start("b");
  net_->introduce("a", {"b"});
  net_->introduce("b", {"a"});
  const auto frames = numbered(2000);
  for (const auto& [from, to] : {std::pair("a", "b"), std::pair("b", "a")}) {
    for (const auto& frame : frames) {
      ASSERT_TRUE(until([&, from = from, to = to] { return net_->at(from).send({to}, Lane::control, frame); }));
      if (frame == "1000") until([looks = 0]() mutable { return ++looks > 50; });
    }
    ASSERT_TRUE(send_until_heard(from, to, "end"));
  }
  for (const auto& [from, to] : {std::pair("a", "b"), std::pair("b", "a")}) {
    auto heard = heard_by(to).frames({from});
    std::erase(heard, "end");
    // In order, without repetition: a subsequence of what was sent.
    auto it = heard.begin();
    for (const auto& frame : frames)
      if (it != heard.end() && *it == frame) ++it;
    EXPECT_EQ(it, heard.end()) << "out of order or duplicated: " << *it;
  }
}

TEST_P(TransportContract, AStrangersKeyIsRefusedWhateverItsName) {
  net_->start("a");
  net_->start("b");
  net_->stop("b");
  net_->start_impostor("b");
  net_->introduce("a", {"b"});
  net_->introduce("b", {"a"});
  until_soon([] { return false; });
  EXPECT_THAT(heard_by("a").entries(), IsEmpty());
  EXPECT_FALSE(net_->at("a").send({"b"}, Lane::control, "for the real b"));
  net_->stop("b");
  net_->start("b");
  EXPECT_TRUE(net_->connect({"a", "b"}));
}

TEST_P(TransportContract, ARemovedPeerIsCutAndComesBackWhenItIsNamedAgain) {
  for (const auto* site : {"a", "b", "c"}) net_->start(site);
  ASSERT_TRUE(net_->connect({"a", "b", "c"}));
  for (const auto* one : {"a", "c"}) {  // whichever of the two dialled
    net_->introduce(one, {});
    ASSERT_TRUE(until([&] { return !heard_by("b").is_up({one}) && !heard_by(one).is_up({"b"}); }));
    EXPECT_FALSE(net_->at(one).send({"b"}, Lane::control, "to a stranger"));
    EXPECT_FALSE(net_->at("b").send({one}, Lane::control, "to one who has shut the door"));
  }
  EXPECT_TRUE(net_->connect({"a", "b", "c"}));
}

TEST_P(TransportContract, NamingTheSamePeersAgainDisturbsNothing) {
  net_->start("a");
  net_->start("b");
  ASSERT_TRUE(net_->connect({"a", "b"}));
  for (int i = 0; i < 10; ++i) net_->introduce("a", {"b"});
  net_->at("a").send({"b"}, Lane::control, "still here");
  ASSERT_TRUE(until([&] { return heard_by("b").has("still here"); }));
  EXPECT_EQ(heard_by("a").count(Recorder::Entry::down), 0u);
  EXPECT_EQ(heard_by("b").count(Recorder::Entry::down), 0u);
}

TEST_P(TransportContract, APeerThatIsCutOffComesBackAfterItsTime) {
  for (const auto* site : {"a", "b", "c"}) net_->start(site);
  ASSERT_TRUE(net_->connect({"a", "b", "c"}));
  net_->at("b").cut_off({"a"}, 300);
  net_->at("b").cut_off({"c"}, 300);
  ASSERT_TRUE(until([&] { return heard_by("b").count(Recorder::Entry::down) == 4; }));
  EXPECT_FALSE(net_->at("b").send({"a"}, Lane::control, "too early"));
  ASSERT_TRUE(until([&] { return net_->all_up({"a", "b", "c"}); }));
  net_->at("a").send({"b"}, Lane::control, "back");
  EXPECT_TRUE(until([&] { return heard_by("b").has("back"); }));
}

TEST_P(TransportContract, AfterARestartOldFramesAreNotReplayed) {
  for (const auto& [stays, restarted] : {std::pair("a", "b"), std::pair("b", "a")}) {
    net_->start(stays);
    net_->start(restarted);
    ASSERT_TRUE(net_->connect({"a", "b"}));
    // More than sockets and kernels hold waits for a reader who is held up, and ends.
    if (net_->has_threads()) heard_by(restarted).hold_up();
    for (int i = 0; i < 200; ++i) net_->at(stays).send({restarted}, Lane::control, "old" + std::string(60'000, '.'));
    heard_by(restarted).let_go();
    net_->stop(restarted);
    ASSERT_TRUE(until([&, stays = stays, restarted = restarted] { return !heard_by(stays).is_up({restarted}); }));
    EXPECT_FALSE(net_->at(stays).send({restarted}, Lane::control, "while it is away"));

    const auto heard_before = static_cast<std::ptrdiff_t>(heard_by(restarted).frames({stays}).size());
    const std::string news = std::string("new for ") + restarted;
    net_->start(restarted);
    ASSERT_TRUE(net_->connect({"a", "b"}));
    ASSERT_TRUE(send_until_heard(stays, restarted, news));
    auto heard = heard_by(restarted).frames({stays});
    heard.erase(heard.begin(), heard.begin() + heard_before);
    EXPECT_THAT(heard, ::testing::Each(news));
  }
}

TEST_P(TransportContract, TheLargestFrameArrivesAndALargerOneIsRefused) {
  net_->start("a");
  net_->start("b");
  ASSERT_TRUE(net_->connect({"a", "b"}));
  for (const auto& [lane, bytes_max] : {std::pair(Lane::control, limits::control_frame_bytes_max),
                                        std::pair(Lane::bulk, limits::bulk_frame_bytes_max)}) {
    EXPECT_FALSE(net_->at("a").send({"b"}, lane, std::string(bytes_max + 1, 'x')));
    EXPECT_TRUE(net_->at("a").send({"b"}, lane, std::string(bytes_max, 'y')));
    ASSERT_TRUE(until([&, lane = lane] { return heard_by("b").frames({"a"}, lane).size() == 1; }));
    EXPECT_EQ(heard_by("b").frames({"a"}, lane).front().size(), bytes_max);
  }
}

TEST_P(TransportContract, AQueueIsBoundedAndSaysSo) {
  net_->start("a");
  net_->start("b");
  ASSERT_TRUE(net_->connect({"a", "b"}));
  if (net_->has_threads()) heard_by("b").hold_up();
  const std::string frame(1000, 'x');
  std::size_t queued = 0;
  while (queued < 1'000'000 && net_->at("a").send({"b"}, Lane::control, frame)) ++queued;
  EXPECT_LT(queued, 1'000'000u);
  EXPECT_GT(net_->at("a").counters().frames_dropped_total, 0u);
  heard_by("b").let_go();
  ASSERT_TRUE(until([&] { return heard_by("b").count(Recorder::Entry::frame) == queued; }));
}

TEST_P(TransportContract, AFloodOfBulkDoesNotDelayControl) {
  net_->start("a");
  net_->start("b");
  ASSERT_TRUE(net_->connect({"a", "b"}));
  const std::string chunk(1u << 20, 'b');
  for (int i = 0; i < 24; ++i) ASSERT_TRUE(net_->at("a").send({"b"}, Lane::bulk, chunk));
  net_->at("a").send({"b"}, Lane::control, "probe");
  ASSERT_TRUE(until([&] { return heard_by("b").count(Recorder::Entry::frame) == 25; }));
  const auto entries = heard_by("b").entries();
  const auto probe =
      std::find_if(entries.begin(), entries.end(), [](const auto& entry) { return entry.text == "probe"; });
  EXPECT_GT(std::count_if(probe, entries.end(), [](const auto& entry) { return entry.lane == Lane::bulk; }), 6);
}

INSTANTIATE_TEST_SUITE_P(Kinds, TransportContract,
                         ::testing::Values(Kind{"Loopback", loopback_network}, Kind{"Zmq", zmq_network}),
                         [](const auto& kind) { return kind.param.name; });

}  // namespace
}  // namespace hansa::test
