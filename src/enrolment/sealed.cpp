#include "src/enrolment/sealed.hpp"

#include <sodium.h>

#include "src/identity/key_text.hpp"
#include "src/identity/sodium.hpp"

namespace hansa::enrolment {
namespace {

constexpr std::string_view greeting_word = "hansa-enrol/1 ";
constexpr std::size_t key_bytes = crypto_box_PUBLICKEYBYTES;
constexpr std::size_t nonce_bytes = crypto_box_NONCEBYTES;

const unsigned char* raw(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// Nonce and box.
std::string seal(std::string_view plain, const TransportKey& to, const TransportSecret& from) {
  std::array<unsigned char, nonce_bytes> nonce{};
  fill_random(nonce.data(), nonce.size());
  std::string sealed(nonce_bytes + crypto_box_MACBYTES + plain.size(), '\0');
  std::copy(nonce.begin(), nonce.end(), sealed.begin());
  auto* box = reinterpret_cast<unsigned char*>(sealed.data()) + nonce_bytes;
  if (crypto_box_easy(box, raw(plain), plain.size(), nonce.data(), to.bytes.data(), from.bytes.data()) != 0) return {};
  return sealed;
}

std::optional<std::string> open(std::string_view sealed, const TransportKey& from, const TransportSecret& to) {
  if (sealed.size() < nonce_bytes + crypto_box_MACBYTES) return std::nullopt;
  const auto box = sealed.substr(nonce_bytes);
  std::string plain(box.size() - crypto_box_MACBYTES, '\0');
  const int failed = crypto_box_open_easy(reinterpret_cast<unsigned char*>(plain.data()), raw(box), box.size(),
                                          raw(sealed), from.bytes.data(), to.bytes.data());
  if (failed != 0) return std::nullopt;
  return plain;
}

}  // namespace

AskerKeys make_asker_keys() {
  ensure_sodium();
  AskerKeys keys;
  crypto_box_keypair(keys.own.bytes.data(), keys.secret.bytes.data());
  return keys;
}

std::string greeting(const FederationId& federation) {
  return std::string(greeting_word) + key_text(federation) + "\n";
}

std::optional<FederationId> read_greeting(std::string_view line) {
  if (line.size() != greeting_bytes || !line.starts_with(greeting_word) || line.back() != '\n') return std::nullopt;
  const auto id = parse_key<FederationId>(line.substr(greeting_word.size(), 64));
  if (!id) return std::nullopt;
  return *id;
}

std::string frame(std::string_view content) {
  std::string framed(4, '\0');
  for (std::size_t i = 0; i < 4; ++i) framed[i] = static_cast<char>(content.size() >> (8 * i) & 0xff);
  return framed.append(content);
}

std::string seal_question(std::string_view plain, const AskerKeys& asker, const TransportKey& sponsor) {
  return std::string(asker.own.bytes.begin(), asker.own.bytes.end()) + seal(plain, sponsor, asker.secret);
}

std::optional<Question> open_question(std::string_view sealed, const TransportSecret& sponsor) {
  if (sealed.size() < key_bytes) return std::nullopt;
  Question question;
  std::copy_n(raw(sealed), key_bytes, question.asker.bytes.begin());
  auto plain = open(sealed.substr(key_bytes), question.asker, sponsor);
  if (!plain) return std::nullopt;
  question.plain = std::move(*plain);
  return question;
}

std::string seal_answer(std::string_view plain, const TransportKey& asker, const TransportSecret& sponsor) {
  return seal(plain, asker, sponsor);
}

std::optional<std::string> open_answer(std::string_view sealed, const AskerKeys& asker, const TransportKey& sponsor) {
  return open(sealed, sponsor, asker.secret);
}

}  // namespace hansa::enrolment
