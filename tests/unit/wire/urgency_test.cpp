#include "protocol/wire/urgency.hpp"

#include <gtest/gtest.h>

#include "protocol/wire/codec.hpp"
#include "tests/support/fill.hpp"

namespace hansa {
namespace {

TEST(Urgency, IsOfWhatShowsThatASiteIsAliveAndOfLeases) {
  EXPECT_TRUE(is_urgent(Probe{}));
  EXPECT_TRUE(is_urgent(Renewed{}));
  EXPECT_FALSE(is_urgent(Award{}));
  EXPECT_FALSE(is_urgent(GossipPush{}));
  EXPECT_FALSE(is_urgent(CallForBids{}));
}

TEST(Urgency, IsSeenFromAFramesFirstMessageInEveryVersion) {
  for (auto version = spoken_versions.oldest; version <= spoken_versions.newest; ++version) {
    for (const auto& message : test::every_message()) {
      EXPECT_EQ(begins_urgently(encode_frame(version, {message})), is_urgent(message)) << name_of(message);
      EXPECT_FALSE(begins_urgently(encode_frame(version, {Award{}, message})));
    }
  }
}

TEST(Urgency, IsNotOfBytesThatCannotBeRead) {
  const auto frame = encode_frame(1, {Probe{.sequence = 7}});
  for (std::size_t size = 0; size < 4; ++size) EXPECT_FALSE(begins_urgently(std::string_view(frame).substr(0, size)));
  EXPECT_FALSE(begins_urgently("rubbish"));
}

}  // namespace
}  // namespace hansa
