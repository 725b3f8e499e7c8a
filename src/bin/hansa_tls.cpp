// hansa-tls HOST PORT: what `hansa` starts to speak TLS for it, over the socket that is its standard input. Apart from
// it, so that a submission over a Unix socket doesn't pay for a cipher. HANSA_CA_FILE names who may sign.
#include <signal.h>

#include <cstdio>
#include <cstdlib>

#include "src/client/tls_pipe.hpp"

int main(int count, char** words) {
  if (count != 3) {
    std::fputs("hansa-tls is started by hansa for an https address, not by hand.\n", stderr);
    return 2;
  }
  signal(SIGPIPE, SIG_IGN);
  const char* ca_file = std::getenv("HANSA_CA_FILE");
  return hansa::client::carry_tls({words[1], words[2], ca_file != nullptr ? ca_file : ""}, 0) ? 0 : 1;
}
