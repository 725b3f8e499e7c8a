// Random values come back; random, cut and changed bytes give a value or an error and nothing else.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstdlib>

#include "protocol/wire/codec.hpp"
#include "tests/support/fill.hpp"

namespace hansa {
namespace {

using test::seeded;

// The same cases every time, unless RC_PARAMS asks for others ("max_success=100000 seed=7").
const int configured = ::setenv("RC_PARAMS", "seed=2023 max_success=500", 0);

template <class T>
void comes_back(std::uint64_t seed) {
  const auto value = seeded<T>(seed);
  const auto back = decode<T>(encode(value));
  RC_ASSERT(back.ok());
  RC_ASSERT(*back == value);
}

// A frame of a few messages of any kind.
std::vector<Message> any_messages(std::uint64_t seed) {
  std::vector<Message> messages;
  for (std::uint64_t i = 0; i < 1 + seed % 3; ++i) messages.push_back(seeded<Message>(seed + i * 7919));
  return messages;
}

// Whatever was read can be written, and reads the same again: no half-made value gets out.
void holds_together(std::string_view bytes) {
  const auto frame = decode_frame(bytes);
  if (!frame.ok()) {
    RC_ASSERT(frame.error().kind == ErrorKind::corrupt);
    RC_ASSERT(!frame.error().text.empty());
    return;
  }
  if (frame->messages.empty()) return;
  const auto again = decode_frame(encode_frame(spoken_versions.newest, frame->messages));
  RC_ASSERT(again.ok());
  RC_ASSERT(again->messages == frame->messages);
}

TEST(CodecProperty, AnyMessagesComeBack) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    const auto messages = any_messages(seed);
    const auto frame = decode_frame(encode_frame(spoken_versions.newest, messages));
    RC_ASSERT(frame.ok());
    RC_ASSERT(frame->messages == messages);
  }));
}

TEST(CodecProperty, AnyBulkMessageComesBack) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    const auto message = seeded<BulkMessage>(seed);
    const auto back = decode_bulk_frame(encode_frame(1, message));
    RC_ASSERT(back.ok());
    RC_ASSERT(*back == message);
  }));
}

TEST(CodecProperty, AnyValueOfTheJournalComesBack) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    comes_back<SiteRecord>(seed);
    comes_back<CapacityDigest>(seed);
    comes_back<JobPayload>(seed);
    comes_back<Manifest>(seed);
    comes_back<JobRecord>(seed);
    comes_back<RunRecord>(seed);
  }));
}

TEST(CodecProperty, AnyBytesGiveAValueOrAnError) {
  EXPECT_TRUE(rc::check([](const std::vector<std::uint8_t>& noise) {
    const std::string bytes(noise.begin(), noise.end());
    holds_together(bytes);
    holds_together("\x92\x01\x92" + bytes);  // past the head, where the fields begin
    (void)decode_bulk_frame("\x92\x01\x92" + bytes);
    (void)decode<JobRecord>(bytes);
    (void)decode<RunRecord>(bytes);
    (void)decode<Manifest>(bytes);
  }));
}

TEST(CodecProperty, AFrameChangedAnywhereGivesAValueOrAnError) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    test::SeededSource source(seed);
    for (const auto& message : test::every_message()) {
      auto bytes = encode_frame(1, {message});
      for (auto flips = 1 + source.below(4); flips > 0; --flips) {
        bytes[source.below(bytes.size())] = static_cast<char>(source.bits());
      }
      holds_together(bytes);
    }
  }));
}

TEST(CodecProperty, AFrameWithAPieceCutOutOrPutInGivesAValueOrAnError) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    test::SeededSource source(seed);
    for (const auto& message : test::every_message()) {
      auto bytes = encode_frame(1, {message});
      const auto at = source.below(bytes.size());
      const auto size = source.below(bytes.size() - at) + 1;
      const auto piece = bytes.substr(at, size);
      source.below(2) ? bytes.erase(at, size) : bytes.insert(source.below(bytes.size()), piece);
      holds_together(bytes);
    }
  }));
}

}  // namespace
}  // namespace hansa
