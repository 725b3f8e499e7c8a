#include "src/transport/envelope.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace hansa::transport {
namespace {

using ::testing::ElementsAreArray;

std::string packed(const std::vector<std::string>& frames) {
  std::string message(packed_size(frames), '\0');
  pack(frames, message.data());
  return message;
}

TEST(Envelope, WhatIsPackedIsUnpacked) {
  const std::vector<std::vector<std::string>> samples{
      {"alone"}, {""}, {"", ""}, {"one", "", "three"}, {std::string(70'000, 'x')}, {std::string(300, '\0'), "y"}};
  for (const auto& frames : samples) {
    const std::string message = packed(frames);
    const auto unpacked = unpack(message, Lane::control);
    ASSERT_TRUE(unpacked);
    EXPECT_THAT(unpacked->frames, ElementsAreArray(frames.begin(), frames.end()));
  }
}

TEST(Envelope, NumbersAreLittleEndian) {
  std::string message = packed({"ab", "c"});
  stamp(message.data(), 0x01020304);
  EXPECT_EQ(message, std::string("\3\4\3\2\1\2\0\0\0ab\1\0\0\0c", 16));
  EXPECT_EQ(unpack(message, Lane::control)->term, 0x01020304u);
  EXPECT_EQ(packed({"ab"}), std::string("\4\0\0\0\0ab", 7));
}

TEST(Envelope, GreetingsNameVersionLaneAndRun) {
  const auto hello = make_greeting(EnvelopeKind::hello, Lane::bulk, 0x0a0b);
  EXPECT_EQ(hello, std::string("\1\1\1\x0b\x0a\0\0\0\0\0\0", 11));
  EXPECT_EQ(read_greeting(hello, EnvelopeKind::hello, Lane::bulk), 0x0a0bu);
  EXPECT_FALSE(read_greeting(hello, EnvelopeKind::welcome, Lane::bulk));
  EXPECT_FALSE(read_greeting(hello, EnvelopeKind::hello, Lane::control)) << "the wrong door";
  EXPECT_FALSE(read_greeting(hello + "x", EnvelopeKind::hello, Lane::bulk));
  EXPECT_FALSE(read_greeting(hello.substr(0, 5), EnvelopeKind::hello, Lane::bulk));
  EXPECT_FALSE(unpack(hello, Lane::bulk)) << "a greeting is no frame";
}

TEST(Envelope, EveryTruncationIsRefusedOrWhole) {
  const std::vector<std::string> frames{"first", "second"};
  const std::string message = packed(frames);
  for (std::size_t size = 0; size < message.size(); ++size) {
    const auto unpacked = unpack(std::string_view(message).substr(0, size), Lane::control);
    const bool at_a_boundary = size == 5 || size == 5 + 4 + frames[0].size();
    EXPECT_EQ(unpacked.has_value(), at_a_boundary) << size;
  }
}

TEST(Envelope, AFrameBeyondTheLimitIsRefused) {
  std::string message = packed({std::string(frame_bytes_max(Lane::control), 'x')});
  EXPECT_TRUE(unpack(message, Lane::control));
  message += 'x';
  EXPECT_FALSE(unpack(message, Lane::control));
  EXPECT_TRUE(unpack(message, Lane::bulk));
}

TEST(Envelope, AnyBytesAreUnpackedOrRefused) {
  std::mt19937 random(11);
  for (int i = 0; i < 100'000; ++i) {
    std::string bytes(random() % 40, '\0');
    for (auto& byte : bytes) byte = static_cast<char>(random() % 6);
    const auto frames = unpack(bytes, Lane::control);
    if (!frames) continue;
    std::size_t sum = 0;
    for (const auto frame : frames->frames) sum += frame.size();
    ASSERT_LT(sum, bytes.size());
  }
}

}  // namespace
}  // namespace hansa::transport
