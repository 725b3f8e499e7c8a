// The small services of libsodium that the rest of a site needs: hashes of content and unguessable ids.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "hansa/types/crypto.hpp"
#include "hansa/types/ids.hpp"

namespace hansa {

// To be called before anything of libsodium; cheap, from any thread. Ends the program when the machine has no source of
// randomness: nothing that follows would be safe.
void ensure_sodium();

// BLAKE2b-256.
ContentHash content_hash(std::string_view bytes);

void fill_random(std::uint8_t* bytes, std::size_t size);

// A StoreId, BidId or DaemonId that nobody can guess and nobody had before.
template <class Key>
Key random_key() {
  Key key;
  fill_random(key.bytes.data(), key.bytes.size());
  return key;
}

// 256 random bits as text, for a bearer token: letters, digits, '-' and '_'.
std::string random_token();

}  // namespace hansa
