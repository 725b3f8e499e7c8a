// Who asks: the kernel's word for a Unix connection, a token for TCP.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <string_view>

#include "hansa/api.hpp"

namespace hansa::gateway {

// Names of users by their number, remembered, as looking one up may ask a directory across the network. One thread.
class Callers {
 public:
  // The user at the other end of a Unix socket; a number without a name is "uid-1234".
  Caller of_unix_socket(int fd);

 private:
  const std::string& name_of(uid_t uid);
  std::map<uid_t, std::string> names_;
};

// Takes as long for a wrong token as for the right one.
bool same_token(std::string_view given, std::string_view right);
// Of "Bearer TOKEN", the scheme in any case; empty when it is something else.
std::string_view bearer_token(std::string_view authorization);

}  // namespace hansa::gateway
