// init: done by the helper, as it writes configuration.
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "src/client/helper.hpp"

namespace hansa::client {

std::string helper_path(const char* name) {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).replace_filename(name).string();
}

Outcome run_helper(const std::vector<std::string>& words) {
  const auto helper = helper_path("hansa-init");
  std::vector<char*> all{const_cast<char*>(helper.c_str())};
  for (const auto& word : words) all.push_back(const_cast<char*>(word.c_str()));
  all.push_back(nullptr);
  execv(helper.c_str(), all.data());
  return internal_error(helper + " can't be started (" + std::strerror(errno) +
                        "): it belongs beside hansa; install both");
}

Outcome run_init(Context& context, const Args& args) {
  if (args.words.size() != 1 || !args.has("site")) return usage_error("a folder and --site NAME are wanted");
  return run_helper(context.all);
}

}  // namespace hansa::client
