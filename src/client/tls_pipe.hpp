// TLS to a daemon: what hansa-tls does for `hansa`, which must start fast and is linked without a cipher.
//
// Problem: the command speaks plain HTTP over one descriptor. Idea: as on the daemon's side a porter stands at the
// door: the command starts it for an https address, gives it one end of a pair of sockets, and speaks plain HTTP to it.
// Nothing is carried before the certificate was found to be good and for that name.
#pragma once

#include <string>

namespace hansa::client {

struct TlsTarget {
  std::string host;
  std::string port;
  std::string ca_file;  // PEM; who may have signed the certificate. Empty: whom the system trusts
};

// Tells `inner` in its first line how the handshake went, "ok" or why not in one sentence, and then carries bytes both
// ways until either side is done. False when nothing could be carried.
bool carry_tls(const TlsTarget& target, int inner);

}  // namespace hansa::client
