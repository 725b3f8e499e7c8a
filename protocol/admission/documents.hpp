// The names under which the store keeps what is known of other sites.
#pragma once

#include <string>
#include <string_view>

#include "hansa/types/ids.hpp"

namespace hansa::documents {

inline constexpr const char* charter = "trust/charter";
inline constexpr std::string_view statements = "trust/statement/";
inline constexpr std::string_view invitations = "trust/invitation/";
inline constexpr std::string_view bans = "trust/ban/";
inline constexpr std::string_view addresses = "trust/address/";
inline constexpr std::string_view reputations = "trust/reputation/";
inline constexpr std::string_view stores = "stores/known/";

template <class Id>
std::string named(std::string_view prefix, const Id& id) {
  return std::string(prefix) + to_hex(id.bytes.data(), id.bytes.size());
}

}  // namespace hansa::documents
