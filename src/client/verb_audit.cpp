// audit verify: done by the helper, which knows keys and signatures.
#include <cstdlib>
#include <filesystem>

#include "src/client/helper.hpp"

namespace hansa::client {

Outcome run_audit(Context&, const Args& args) {
  if (args.words.empty() || args.words.front() != "verify" || args.words.size() > 2) {
    return usage_error("write hansa audit verify [DIR]");
  }
  if (args.has("key") != args.has("site")) return usage_error("--key and --site go together");
  const auto* socket = std::getenv("HANSA_SOCKET");
  std::string folder = args.words.size() == 2 ? args.words.back() : "";
  if (folder.empty() && socket != nullptr) folder = std::filesystem::path(socket).parent_path().string();
  if (folder.empty()) return usage_error("name the site's folder, as in hansa audit verify /srv/taihu");
  std::vector<std::string> words{"--verify-audit", folder};
  if (const auto key = args.last("key")) words.insert(words.end(), {*args.last("site"), *key});
  return run_helper(words);
}

}  // namespace hansa::client
