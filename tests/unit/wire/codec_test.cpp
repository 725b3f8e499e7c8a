// What the codec promises to those who use it: everything comes back, and versions may differ.
#include <gtest/gtest.h>

#include <limits>
#include <msgpack.hpp>
#include <set>

#include "protocol/wire/codec.hpp"
#include "tests/support/fill.hpp"
#include "tests/unit/wire/bytes.hpp"

namespace hansa {
namespace {

using test::bytes;
using test::counted;

template <class T>
void expect_back(const T& value) {
  const auto back = decode<T>(encode(value));
  ASSERT_TRUE(back.ok()) << back.error().text;
  EXPECT_EQ(*back, value);
}

TEST(Codec, EveryMessageComesBackAsItWent) {
  for (const auto& message : test::every_message()) {
    const auto frame = decode_frame(encode_frame(1, {message}));
    ASSERT_TRUE(frame.ok()) << name_of(message) << ": " << frame.error().text;
    EXPECT_EQ(frame->messages, std::vector{message}) << name_of(message);
  }
}

TEST(Codec, EveryMessageWithNothingInItComesBackToo) {
  std::vector<Message> messages;
  for (auto message : test::every_message()) {
    std::visit([](auto& value) { value = {}; }, message);
    messages.push_back(message);
  }
  const auto frame = decode_frame(encode_frame(1, messages));
  ASSERT_TRUE(frame.ok()) << frame.error().text;
  EXPECT_EQ(frame->messages, messages);
}

TEST(Codec, AFrameKeepsItsMessagesInOrderAndSaysItsVersion) {
  const auto messages = test::every_message();
  const auto frame = decode_frame(encode_frame(7, messages));
  ASSERT_TRUE(frame.ok()) << frame.error().text;
  EXPECT_EQ(frame->version, 7);
  EXPECT_EQ(frame->messages, messages);
  EXPECT_EQ(frame->unknown_tags, 0u);
}

TEST(Codec, EveryBulkMessageComesBackAsItWent) {
  for (const auto& message : test::every_bulk_message()) {
    const auto back = decode_bulk_frame(encode_frame(1, message));
    ASSERT_TRUE(back.ok()) << name_of(message) << ": " << back.error().text;
    EXPECT_EQ(*back, message);
  }
}

TEST(Codec, AWholeChunkThatDoesNotCompressFitsInABulkFrame) {
  const BulkMessage message = ChunkData{.request = 1, .hash = {}, .zstd = std::string(chunk_bytes_max + 1024, '\xff')};
  const auto back = decode_bulk_frame(encode_frame(1, message));
  ASSERT_TRUE(back.ok()) << back.error().text;
  EXPECT_EQ(*back, message);
}

TEST(Codec, SingleValuesComeBackAsTheyWent) {
  expect_back(counted<SiteRecord>());
  expect_back(counted<CapacityDigest>());
  expect_back(counted<JobPayload>());
  expect_back(counted<Manifest>());
  expect_back(counted<JobRecord>());
  expect_back(counted<RunRecord>());
  for (const JobState& state : {JobState{Pending{}}, JobState{counted<Awarding>()}, JobState{counted<Delegated>()},
                                JobState{counted<Ended>()}}) {
    auto record = counted<JobRecord>();
    record.state = state;
    expect_back(record);
  }
}

TEST(Codec, TheEndOfTimeAndForeverComeBack) {
  RunRecord record;
  record.lease_until = end_of_time;
  expect_back(record);
}

TEST(Codec, WhatNoReaderWouldTakeIsHeldWithinItsRangeWhenWritten) {
  Bid bid;
  bid.earliest_start = Duration::max();
  bid.tflops = std::numeric_limits<double>::quiet_NaN();
  const auto frame = decode_frame(encode_frame(1, {bid}));
  ASSERT_TRUE(frame.ok()) << frame.error().text;
  EXPECT_EQ(std::get<Bid>(frame->messages[0]).earliest_start, forever);
  EXPECT_EQ(std::get<Bid>(frame->messages[0]).tflops, 0);
}

TEST(Codec, AJournalRecordMayHoldMoreTasksThanAPeerMaySend) {
  JobRecord record;
  record.array.edit().tasks.resize(200'000, 5);
  expect_back(record);
}

TEST(Codec, ASignedValueIsWhatItsBytesSayAndNotWhatItsSenderHolds) {
  auto record = counted<SignedRecord>();
  record.value.region = "elsewhere";
  const auto frame = decode_frame(encode_frame(1, {Hello{.record = record}}));
  ASSERT_TRUE(frame.ok()) << frame.error().text;
  const auto& back = std::get<Hello>(frame->messages[0]).record;
  EXPECT_EQ(back.bytes, record.bytes);
  EXPECT_EQ(encode(back.value), record.bytes);
}

TEST(Codec, FieldsThatAnOlderPeerLacksKeepTheirDefaults) {
  const auto call = bytes({0x92, 1, 0x92, 16, 0x91, 5});  // CallForBids with its first field only
  const auto frame = decode_frame(call);
  ASSERT_TRUE(frame.ok()) << frame.error().text;
  EXPECT_EQ(frame->messages, std::vector<Message>{CallForBids{.call = {5}}});
}

TEST(Codec, FieldsThatANewerPeerAppendsAreSkippedWhateverTheyAre) {
  // ProbeNack{5} with a map, a list, an extension, a float, a text and nil after it.
  const auto nack = bytes({0x92, 1, 0x92, 5, 0x97, 5, 0x81, 1, 0x92, 2,    3,   0x91, 0xc0,
                           0xd5, 9, 1,    2, 0xca, 0, 0,    0, 0,    0xa2, 'h', 'i',  0xc0});
  const auto frame = decode_frame(nack);
  ASSERT_TRUE(frame.ok()) << frame.error().text;
  EXPECT_EQ(frame->messages, std::vector<Message>{ProbeNack{5}});
}

TEST(Codec, MessagesThatANewerPeerKnowsAreSkippedAndCounted) {
  const auto frame = decode_frame(bytes({0x94, 1, 0x92, 0xcc, 200, 0x91, 1, 0x92, 5, 0x91, 5, 0x92, 0xcd, 1, 1, 0xc0}));
  ASSERT_TRUE(frame.ok()) << frame.error().text;
  EXPECT_EQ(frame->messages, std::vector<Message>{ProbeNack{5}});
  EXPECT_EQ(frame->unknown_tags, 2u);
}

TEST(Codec, AMessageIsNamedAsItsStruct) {
  EXPECT_EQ(name_of(Message{Award{}}), "Award");
  EXPECT_EQ(name_of(BulkMessage{ChunkGet{}}), "ChunkGet");
  std::set<std::string_view> names;
  for (const auto& message : test::every_message()) names.insert(name_of(message));
  EXPECT_EQ(names.size(), std::variant_size_v<Message>);
}

TEST(Codec, TheEndOfEveryClosedListIsFoundByItself) {
  static_assert(wire::enumerator_count<MemberState> == 4);
  static_assert(wire::enumerator_count<DeclineReason> == 9);
  static_assert(wire::enumerator_count<RevokeMode> == 2);
  static_assert(wire::enumerator_count<FinalState> == 6);
}

TEST(Codec, AnotherImplementationOfMsgpackReadsWhatIsWritten) {
  const auto frame = encode_frame(1, test::every_message());
  std::size_t read = 0;
  const auto handle = msgpack::unpack(frame.data(), frame.size(), read);
  EXPECT_EQ(read, frame.size());
  ASSERT_EQ(handle.get().type, msgpack::type::ARRAY);
  EXPECT_EQ(handle.get().via.array.size, 1 + std::variant_size_v<Message>);
}

}  // namespace
}  // namespace hansa
