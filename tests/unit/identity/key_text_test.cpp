#include "src/identity/key_text.hpp"

#include <gtest/gtest.h>

#include "src/identity/sodium.hpp"

namespace hansa {
namespace {

// The test vector of ZeroMQ's RFC 32.
const std::string known_z85 = "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6";
const std::string known_hex = "8e0bdd697628b91d8f245587ee95c5b04d48963f79259877b49cd9063aead3b7";

TEST(KeyText, Z85IsThatOfZeroMq) {
  EXPECT_EQ(to_hex(parse_key_bytes(known_z85)->data(), 32), known_hex);
  EXPECT_EQ(to_z85(*parse_key_bytes(known_hex)), known_z85);
}

TEST(KeyText, AKeyIsReadInWhicheverFormItIsWritten) {
  for (int i = 0; i < 100; ++i) {
    const auto key = random_key<TransportKey>();
    EXPECT_EQ(*parse_key<TransportKey>(key_text(key)), key);
    EXPECT_EQ(*parse_key<TransportKey>(to_base64(key.bytes)), key);
    EXPECT_EQ(*parse_key<TransportKey>(to_base64(key.bytes) + "="), key);
    EXPECT_EQ(*parse_key<TransportKey>(to_z85(key.bytes)), key);
  }
}

TEST(KeyText, WhatIsNoKeyIsRefusedWithWhatOneLooksLike) {
  for (const auto& text : {std::string(), std::string("abc"), std::string(64, 'x'), std::string(40, ' '),
                           std::string(40, '#'), std::string(43, '!'), std::string(65, '0')}) {
    const auto key = parse_key<IdentityKey>(text);
    ASSERT_FALSE(key.ok()) << text;
    EXPECT_NE(key.error().text.find("64 hex digits"), std::string::npos);
  }
}

TEST(KeyText, AFingerprintIsShortAndTellsKeysApart) {
  IdentityKey key;
  const auto first = fingerprint(key);
  EXPECT_EQ(first.size(), 24u);
  EXPECT_EQ(first, fingerprint(key));
  key.bytes[31] = 1;
  EXPECT_NE(first, fingerprint(key));
}

TEST(Sodium, ContentIsHashedWithBlake2b256) {
  const auto hash = content_hash("abc");
  EXPECT_EQ(to_hex(hash.bytes.data(), hash.bytes.size()),
            "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
  EXPECT_NE(content_hash(""), ContentHash{});
}

TEST(Sodium, RandomIdsAndTokensAreNeverTheSame) {
  EXPECT_NE(random_key<BidId>(), random_key<BidId>());
  EXPECT_NE(random_token(), random_token());
  EXPECT_EQ(random_token().size(), 43u);
}

}  // namespace
}  // namespace hansa
