// A recorded conversation of each protocol version, kept for ever: tests/golden/conversation/vN.txt.
//
// What sites of version N said is said again to a whole site of today, once by the origin of then and once by its host,
// and both must come to the same end. Where a version has no recording, HANSA_REWRITE_GOLDEN=1 makes one; an existing
// one is never made anew, since the sites that it was recorded from are still out there.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "protocol/wire/codec.hpp"
#include "tests/unit/conversation/talk.hpp"

namespace hansa::test {
namespace {

namespace fs = std::filesystem;

fs::path file_of(ProtocolVersion version) {
  return fs::path(HANSA_GOLDEN_DIR) / ("v" + std::to_string(version) + ".txt");
}

Conversation recorded(ProtocolVersion version) {
  std::ifstream in(file_of(version));
  return from_text({std::istreambuf_iterator<char>(in), {}});
}

// How often a message of type T was said that `holds`.
template <class T, class Holds>
std::size_t count(const Conversation& conversation, Holds holds) {
  std::size_t found = 0;
  for (const auto& said : conversation) {
    const auto frame = decode_frame(said.frame);
    EXPECT_TRUE(frame.ok());
    for (const auto& message : frame->messages) {
      const auto* content = std::get_if<T>(&message);
      found += content && holds(*content) ? 1 : 0;
    }
  }
  return found;
}
template <class T>
std::size_t count(const Conversation& conversation) {
  return count<T>(conversation, [](const T&) { return true; });
}

std::size_t completed(const Controller& origin) {
  std::size_t found = 0;
  for (const auto& [id, job] : origin.origin().jobs()) {
    const auto* ended = std::get_if<Ended>(&job.record.state);
    found += ended && ended->outcome->state == FinalState::completed ? 1 : 0;
  }
  return found;
}

std::size_t acknowledged(const Controller& host) {
  std::size_t found = 0;
  for (const auto& [key, run] : host.host().runs()) found += run.record.answered ? 1 : 0;
  return found;
}

struct ConversationOf : ::testing::TestWithParam<ProtocolVersion> {
  ProtocolVersion version = GetParam();

  void expect_understood(const Talk& talk, const SiteName& live) const {
    EXPECT_EQ(talk.session(live).version(), version);
    EXPECT_EQ(talk.session(live).counters().bad_frames_total, 0u);
    EXPECT_EQ(talk.session(live).counters().unknown_tags_total, 0u);
    EXPECT_EQ(talk.cut_offs(), 0u);
  }
};

TEST_P(ConversationOf, IsHeldBetweenASiteOfTodayAndOneThatSpeaksNothingNewer) {
  Talk talk(spoken_versions, {1, version});
  talk.run();
  expect_understood(talk, origin_name);
  expect_understood(talk, host_name);
  EXPECT_EQ(completed(talk.controller(origin_name)), 2u);
  EXPECT_EQ(acknowledged(talk.controller(host_name)), 2u);
  EXPECT_EQ(talk.runs_started(), 2u);
  if (std::getenv("HANSA_REWRITE_GOLDEN") != nullptr && !fs::exists(file_of(version))) {
    Talk of_then({1, version}, {1, version});
    of_then.run();
    std::ofstream(file_of(version)) << as_text(of_then.spoken());
  }
}

// The whole way of a job is in it, a lease, and the word in which the versions differ.
TEST_P(ConversationOf, IsRecordedWhole) {
  const auto conversation = recorded(version);
  EXPECT_GE(count<Probe>(conversation), 10u);
  EXPECT_GE(count<Award>(conversation), 2u);
  EXPECT_GE(count<Confirm>(conversation), 2u);
  EXPECT_GE(count<Progress>(conversation), 2u);
  EXPECT_GE(count<Renewed>(conversation), 1u);
  EXPECT_GE(count<FinishedAck>(conversation), 2u);
  const auto slow = count<Decline>(conversation, [](const Decline& m) { return m.reason == DeclineReason::slow_down; });
  const auto old = count<Decline>(conversation, [](const Decline& m) { return m.reason == DeclineReason::overloaded; });
  EXPECT_EQ(slow > 0, version >= 2);
  EXPECT_EQ(old > 0, version < 2);
  for (const auto& said : conversation) {
    const auto frame = decode_frame(said.frame);
    const bool greets = std::holds_alternative<Hello>(frame->messages.front());
    EXPECT_EQ(frame->version, greets ? 1 : version);
  }
}

TEST_P(ConversationOf, IsUnderstoodByAnOriginOfToday) {
  Talk talk(origin_name, spoken_versions, recorded(version));
  talk.run();
  expect_understood(talk, origin_name);
  EXPECT_EQ(completed(talk.controller(origin_name)), 2u);
}

TEST_P(ConversationOf, IsUnderstoodByAHostOfToday) {
  Talk talk(host_name, spoken_versions, recorded(version));
  talk.run();
  expect_understood(talk, host_name);
  EXPECT_EQ(talk.runs_started(), 2u);
  EXPECT_EQ(acknowledged(talk.controller(host_name)), 2u);
}

INSTANTIATE_TEST_SUITE_P(Version, ConversationOf, ::testing::Values(ProtocolVersion{1}, ProtocolVersion{2}),
                         [](const auto& version) { return std::to_string(version.param); });

}  // namespace
}  // namespace hansa::test
