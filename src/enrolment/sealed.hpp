// What passes between a stranger and an enrolment desk: one question and one answer, readable by these two only.
//
// The stranger knows the sponsor's transport key from its invitation and makes a key pair for this one question
// (libsodium's crypto_box: X25519, XSalsa20, Poly1305). Nobody else learns the secret in it, or who asks.
//
//   desk → stranger   "hansa-enrol/1 <federation id in hex>\n"
//   stranger → desk   u32 length, little-endian; 32 bytes of public key; 24 of nonce; the sealed SignedEnrolment
//   desk → stranger   u32 length; 24 bytes of nonce; the sealed Enrolled
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "hansa/types/crypto.hpp"
#include "hansa/types/trust.hpp"
#include "src/identity/site_keys.hpp"

namespace hansa::enrolment {

inline constexpr std::size_t question_bytes_max = 16u << 10;
inline constexpr std::size_t answer_bytes_max = 16u << 20;

struct AskerKeys {
  TransportKey own;
  TransportSecret secret;
};
AskerKeys make_asker_keys();

std::string greeting(const FederationId& federation);
std::optional<FederationId> read_greeting(std::string_view line);
inline constexpr std::size_t greeting_bytes = 14 + 64 + 1;

// With the length before it.
std::string frame(std::string_view content);

std::string seal_question(std::string_view plain, const AskerKeys& asker, const TransportKey& sponsor);
struct Question {
  TransportKey asker;
  std::string plain;
};
std::optional<Question> open_question(std::string_view sealed, const TransportSecret& sponsor);

std::string seal_answer(std::string_view plain, const TransportKey& asker, const TransportSecret& sponsor);
std::optional<std::string> open_answer(std::string_view sealed, const AskerKeys& asker, const TransportKey& sponsor);

}  // namespace hansa::enrolment
