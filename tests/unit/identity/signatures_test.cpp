// One suite for the real signatures and for the fake that stands in for them.
#include <gtest/gtest.h>

#include <memory>

#include "src/identity/sodium_signatures.hpp"
#include "tests/support/fake_signatures.hpp"

namespace hansa {
namespace {

struct Real {
  SodiumSignatures ours{generate_keys()};
  SodiumSignatures theirs{generate_keys()};
};
struct Fake {
  test::FakeSignatures ours{"wujiang"};
  test::FakeSignatures theirs{"taihu"};
};

template <class Kind>
class SignaturesTest : public testing::Test {
 protected:
  SiteRecord record() const { return {.site = {"wujiang"}, .version = 3, .identity = kind_.ours.identity()}; }
  CapacityDigest digest() const { return {.site = {"wujiang"}, .version = {9}}; }
  Kind kind_;
};
using Kinds = testing::Types<Real, Fake>;
TYPED_TEST_SUITE(SignaturesTest, Kinds);

TYPED_TEST(SignaturesTest, WhatASiteSaysOfItselfIsBelievedByOthers) {
  EXPECT_TRUE(this->kind_.theirs.verify(this->kind_.ours.sign(this->record())));
  EXPECT_TRUE(this->kind_.theirs.verify(this->kind_.ours.sign(this->digest()), this->kind_.ours.identity()));
}

TYPED_TEST(SignaturesTest, TheBytesSignedAreThoseOfTheValue) {
  const auto made = this->kind_.ours.sign(this->record());
  EXPECT_EQ(made.bytes, encode(this->record()));
  EXPECT_EQ(made.value, this->record());
}

TYPED_TEST(SignaturesTest, BytesThatWereChangedAreFoundOut) {
  auto record = this->kind_.ours.sign(this->record());
  for (auto& byte : record.bytes) {
    byte = static_cast<char>(byte ^ 1);
    EXPECT_FALSE(this->kind_.theirs.verify(record));
    byte = static_cast<char>(byte ^ 1);
  }
  EXPECT_TRUE(this->kind_.theirs.verify(record));
}

TYPED_TEST(SignaturesTest, AnotherSitesSignatureIsNotBelieved) {
  EXPECT_FALSE(this->kind_.ours.verify(this->kind_.theirs.sign(this->record())));
  EXPECT_FALSE(this->kind_.ours.verify(this->kind_.theirs.sign(this->digest()), this->kind_.ours.identity()));
}

TYPED_TEST(SignaturesTest, ARecordWithoutASignatureIsNotBelieved) {
  EXPECT_FALSE(this->kind_.ours.verify(SignedRecord{}));
  EXPECT_FALSE(this->kind_.ours.verify(SignedDigest{}, IdentityKey{}));
}

TYPED_TEST(SignaturesTest, WhatIsSignedAsOneKindIsNotBelievedAsAnother) {
  const auto record = this->kind_.ours.sign(this->record());
  const SignedDigest digest{.value = {}, .bytes = record.bytes, .signature = record.signature};
  EXPECT_FALSE(this->kind_.theirs.verify(digest, this->kind_.ours.identity()));
}

TYPED_TEST(SignaturesTest, SigningTheSameTwiceGivesTheSame) {
  EXPECT_EQ(this->kind_.ours.sign(this->record()), this->kind_.ours.sign(this->record()));
}

}  // namespace
}  // namespace hansa
