#include "src/audit/repeats.hpp"

#include <gtest/gtest.h>

namespace hansa::audit {
namespace {

const AuditNote declined{.act = "bid", .actor = "ana@wujiang", .allowed = false, .text = "night", .repeats = true};

TEST(Repeats, TheFirstIsToldAtOnceAndTheRestAsACount) {
  Repeats repeats;
  EXPECT_TRUE(repeats.is_new(declined));
  EXPECT_FALSE(repeats.is_new(declined));
  EXPECT_FALSE(repeats.is_new(declined));
  const auto counted = repeats.take();
  ASSERT_EQ(counted.size(), 1u);
  EXPECT_EQ(counted[0].count, 2u);
  EXPECT_EQ(counted[0].note, declined);
  EXPECT_TRUE(repeats.is_new(declined)) << "a minute later it is news again";
}

TEST(Repeats, WhatHappenedOnceIsNotToldAgain) {
  Repeats repeats;
  repeats.is_new(declined);
  EXPECT_TRUE(repeats.take().empty());
}

TEST(Repeats, AnotherDecisionOnTheSameIsAnother) {
  Repeats repeats;
  auto accepted = declined;
  accepted.allowed = true;
  EXPECT_TRUE(repeats.is_new(declined));
  EXPECT_TRUE(repeats.is_new(accepted));
}

TEST(Repeats, SaysWhenItRemembersEnough) {
  Repeats repeats(3);
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(repeats.is_full());
    auto note = declined;
    note.actor = std::to_string(i);
    repeats.is_new(note);
  }
  EXPECT_TRUE(repeats.is_full());
}

}  // namespace
}  // namespace hansa::audit
