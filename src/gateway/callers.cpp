#include "src/gateway/callers.hpp"

#include <pwd.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace hansa::gateway {

const std::string& Callers::name_of(uid_t uid) {
  constexpr std::size_t names_max = 65'536;
  if (const auto known = names_.find(uid); known != names_.end()) return known->second;
  if (names_.size() >= names_max) names_.clear();
  std::array<char, 16'384> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found);
  return names_[uid] = found ? found->pw_name : "uid-" + std::to_string(uid);
}

Caller Callers::of_unix_socket(int fd) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return {.user = "unknown"};
  return {.user = name_of(peer.uid), .is_operator = peer.uid == 0 || peer.uid == geteuid()};
}

bool same_token(std::string_view given, std::string_view right) {
  unsigned char difference = given.size() == right.size() ? 0 : 1;
  for (std::size_t i = 0; i < given.size(); ++i) {
    difference |= static_cast<unsigned char>(given[i] ^ right[i % right.size()]);
  }
  return difference == 0;
}

std::string_view bearer_token(std::string_view authorization) {
  constexpr std::string_view scheme = "bearer ";
  if (authorization.size() <= scheme.size()) return {};
  if (strncasecmp(authorization.data(), scheme.data(), scheme.size()) != 0) return {};
  return authorization.substr(scheme.size());
}

}  // namespace hansa::gateway
