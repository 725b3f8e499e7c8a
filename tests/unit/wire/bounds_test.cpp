// Nothing that a peer sends may hurt: each kind of rubbish is an error, in words, and costs next to nothing.
#include <gtest/gtest.h>

#include "protocol/wire/codec.hpp"
#include "protocol/wire/limits.hpp"
#include "tests/support/fill.hpp"
#include "tests/unit/wire/bytes.hpp"

namespace hansa {
namespace {

using test::array32;
using test::bin32;
using test::bytes;

std::string why(const std::string& frame) {
  const auto read = decode_frame(frame);
  if (read.ok()) return "it was read";
  EXPECT_EQ(read.error().kind, ErrorKind::corrupt);
  return read.error().text;
}

#define EXPECT_SAYS(frame, words) EXPECT_NE(why(frame).find(words), std::string::npos) << why(frame)

std::string message(int tag, const std::string& value) {
  return bytes({0x92, 1, 0x92, tag}) + value;
}

TEST(Bounds, NoBytesAreNoFrame) {
  EXPECT_SAYS("", "a list is missing at byte 0 of 0");
}

TEST(Bounds, AFrameWithoutAMessageIsRefused) {
  EXPECT_SAYS(bytes({0x91, 1}), "there is no message in it");
  EXPECT_SAYS(bytes({0x90}), "there is no message in it");
}

TEST(Bounds, WhatFollowsAFrameIsAnError) {
  EXPECT_SAYS(encode_frame(1, {ProbeNack{1}}) + "x", "bytes follow its end");
}

TEST(Bounds, EveryShorterPieceOfAFrameIsAnError) {
  for (const auto& each : test::every_message()) {
    const auto whole = encode_frame(1, {each});
    for (std::size_t size = 0; size < whole.size(); ++size) {
      ASSERT_FALSE(decode_frame(std::string_view(whole).substr(0, size)).ok()) << name_of(each) << " cut at " << size;
    }
  }
}

TEST(Bounds, AFrameLargerThanTheLimitIsNotLookedAt) {
  EXPECT_SAYS(std::string(limits::control_frame_bytes_max + 1, '\x90'), "larger than the 4194304 that are read");
  EXPECT_FALSE(decode_bulk_frame(std::string(limits::bulk_frame_bytes_max + 1, '\x90')).ok());
}

TEST(Bounds, AListThatPromisesMoreThanIsThereIsRefusedBeforeItIsMade) {
  EXPECT_SAYS(message(19, bytes({0x91}) + array32(60'000)), "it is cut short");
  EXPECT_SAYS(message(19, bytes({0x91}) + array32(0xffffffff)), "a list is longer than is allowed");
  EXPECT_SAYS(message(18, bytes({0x93, 1, 0}) + bin32(0xffffffff)), "a text is longer than is allowed");
  EXPECT_SAYS(message(18, bytes({0x93, 1, 0}) + bin32(4'000'000)), "it is cut short");
}

TEST(Bounds, EmptyItemsByTheMillionAreRefusedByWhatTheyWouldBecome) {
  std::string gossip = bytes({0x91, 0x93, 0x90, 0x90}) + array32(65'000);  // GossipPush of 65,000 digests
  for (int i = 0; i < 65'000; ++i) gossip += bytes({0x92, 0xc4, 0, 0xc4, 64}) + std::string(64, '\0');
  EXPECT_FALSE(decode_frame(message(8, gossip)).ok());

  std::string frame = bytes({0xdd}) + test::big_endian(4'001, 4) + bytes({1});
  for (int i = 0; i < 4'000; ++i) {
    frame += bytes({0x92, 6, 0x91}) + array32(1'000) + std::string(1'000, '\x90');  // PushPull of 1,000 empty summaries
  }
  EXPECT_SAYS(frame, "more memory than is allowed");
}

TEST(Bounds, MoreMessagesThanAllowedAreRefused) {
  EXPECT_SAYS(encode_frame(1, std::vector<Message>(limits::messages_per_frame_max + 1, ProbeNack{1})),
              "more messages than are allowed");
}

TEST(Bounds, ListsNestedWithoutEndAreRefused) {
  EXPECT_SAYS(bytes({0x92, 1, 0x92, 0xcc, 200}) + std::string(1'000'000, '\x91'), "nested deeper");
}

TEST(Bounds, AWordOutsideAClosedListIsRefused) {
  EXPECT_SAYS(message(18, bytes({0x92, 1, 100})), "a word of a closed list is not known");
}

TEST(Bounds, NumbersOutOfRangeAreRefused) {
  EXPECT_SAYS(message(5, bytes({0x91, 0xff})), "negative");
  EXPECT_SAYS(message(16, bytes({0x93, 1, 0x90, 0xcf, 0, 0, 0, 1, 0, 0, 0, 0})), "an integer is out of range");
  EXPECT_SAYS(message(16, bytes({0x94, 1, 0x90, 1, 0xd3, 0x7f, 0, 0, 0, 0, 0, 0, 0})), "a duration is out of range");
  EXPECT_SAYS(message(17, bytes({0x96, 1, 0x90, 0, 0xa0, 0xa0, 0xcb, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0})), "not finite");
}

TEST(Bounds, KeysOfAnotherSizeAreRefused) {
  EXPECT_SAYS(message(19, bytes({0x91, 0x91, 0xc4, 2, 1, 1})), "wrong size");
}

TEST(Bounds, ASiteNameThatIsNoneIsRefused) {
  EXPECT_SAYS(message(4, bytes({0x92, 1, 0xa4, '.', '.', '/', 'x'})), "a site's name is malformed");
}

TEST(Bounds, ASignedValueThatIsNoneIsRefused) {
  EXPECT_SAYS(message(1, bytes({0x93, 0x92, 1, 1, 0xc4, 16}) + std::string(16, 'd') +
                             bytes({0x92, 0xc4, 1, 0xc0, 0xc4, 64}) + std::string(64, 's')),
              "a signed value before it is malformed");
}

TEST(Bounds, ABidOffersNoMoreThanACallMayAskFor) {
  Bid bid;
  bid.bids.resize(limits::bids_per_call_max);
  EXPECT_TRUE(decode_frame(encode_frame(1, {bid})).ok());
  bid.bids.resize(limits::bids_per_call_max + 1);
  EXPECT_SAYS(encode_frame(1, {bid}), "offers more");
}

TEST(Bounds, ABulkFrameHoldsExactlyOneMessageThatIsKnown) {
  EXPECT_FALSE(decode_bulk_frame(bytes({0x91, 1})).ok());
  EXPECT_FALSE(decode_bulk_frame(bytes({0x93, 1, 0x92, 1, 0x90, 0x92, 1, 0x90})).ok());
  EXPECT_FALSE(decode_bulk_frame(bytes({0x92, 1, 0x92, 99, 0x90})).ok());
  EXPECT_FALSE(decode_bulk_frame(bytes({0x92, 1, 0x92, 1, 0x90, 0})).ok());
  EXPECT_TRUE(decode_bulk_frame(bytes({0x92, 1, 0x92, 1, 0x90})).ok());
}

}  // namespace
}  // namespace hansa
