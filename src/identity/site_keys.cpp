#include "src/identity/site_keys.hpp"

#include <sodium.h>

#include <string_view>

#include "src/identity/key_text.hpp"
#include "src/identity/secret_file.hpp"
#include "src/identity/sodium.hpp"

namespace hansa {
namespace {

// The word before the key tells the two files apart when somebody mixes them up.
constexpr std::string_view identity_word = "hansa-identity-secret-1 ";
constexpr std::string_view transport_word = "hansa-transport-secret-1 ";

IdentityKey public_half(const IdentitySecret& secret) {
  IdentityKey key;
  std::array<unsigned char, crypto_sign_SECRETKEYBYTES> expanded{};
  crypto_sign_seed_keypair(key.bytes.data(), expanded.data(), secret.bytes.data());
  sodium_memzero(expanded.data(), expanded.size());
  return key;
}

TransportKey public_half(const TransportSecret& secret) {
  TransportKey key;
  crypto_scalarmult_base(key.bytes.data(), secret.bytes.data());
  return key;
}

template <class Secret>
Result<Secret> load_secret(const std::string& path, std::string_view word) {
  const auto line = read_secret_file(path);
  if (!line) return line.error();
  if (!line->starts_with(word)) {
    return corrupt(path + " is not the key file it should be: its line must begin with " +
                   std::string(word.substr(0, word.size() - 1)));
  }
  const auto secret = parse_key<Secret>(std::string_view(*line).substr(word.size()));
  if (!secret) return corrupt(path + " is damaged: restore it from a copy, or make new keys with 'hansa init'");
  return secret;
}

template <class Secret>
Status save_secret(const std::string& path, std::string_view word, const Secret& secret) {
  return write_secret_file(path, std::string(word) + key_text(secret) + '\n');
}

}  // namespace

SiteKeys generate_keys() {
  SiteKeys keys;
  keys.identity_secret = random_key<IdentitySecret>();
  keys.transport_secret = random_key<TransportSecret>();
  keys.identity = public_half(keys.identity_secret);
  keys.transport = public_half(keys.transport_secret);
  return keys;
}

Status save_keys(const SiteKeys& keys, const KeyFiles& files) {
  if (auto saved = save_secret(files.identity, identity_word, keys.identity_secret); !saved) return saved;
  return save_secret(files.transport, transport_word, keys.transport_secret);
}

Result<TransportKey> make_transport_key(const std::string& path) {
  const auto secret = random_key<TransportSecret>();
  if (auto saved = save_secret(path, transport_word, secret); !saved) return saved.error();
  return public_half(secret);
}

Result<SiteKeys> load_keys(const KeyFiles& files) {
  ensure_sodium();
  const auto identity = load_secret<IdentitySecret>(files.identity, identity_word);
  if (!identity) return identity.error();
  const auto transport = load_secret<TransportSecret>(files.transport, transport_word);
  if (!transport) return transport.error();
  return SiteKeys{.identity = public_half(*identity),
                  .identity_secret = *identity,
                  .transport = public_half(*transport),
                  .transport_secret = *transport};
}

}  // namespace hansa
