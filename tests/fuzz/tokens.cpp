// Secrets and what names them: lines of the token file, bearer headers, keys, peers, and lines of the operator's book.
// The first byte says which.
#include "src/gateway/tokens.hpp"
#include "src/audit/audit_line.hpp"
#include "src/config/site_config.hpp"
#include "src/gateway/callers.hpp"
#include "src/identity/key_text.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace hansa;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto text = fuzz::text_of(data + 1, size - 1);
  switch (data[0] % 5) {
    case 0:
      if (const auto token = read_token(text)) {
        auto again = write_token(*token);
        again.pop_back();
        fuzz::promise(read_token(again) == token, "a token can be written and read again");
      }
      break;
    case 1:
      fuzz::promise(gateway::bearer_token(text).size() < text.size() || text.empty(),
                    "a token is a part of its header");
      break;
    case 2:
      (void)parse_key_bytes(text);
      break;
    case 3:
      (void)parse_peer(text);
      break;
    default:
      (void)audit::read_line(text);
  }
  return 0;
}
