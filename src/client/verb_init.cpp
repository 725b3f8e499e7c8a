// init: done by a program of its own beside this one, as reading and writing configuration needs libraries that this
// command, which must start fast, does without.
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "src/client/verbs.hpp"

namespace hansa::client {

Outcome run_init(Context& context, const Args& args) {
  if (args.words.size() != 1 || !args.has("site")) return usage_error("a folder and --site NAME are wanted");
  std::error_code error;
  const auto helper = std::filesystem::read_symlink("/proc/self/exe", error).replace_filename("hansa-init").string();
  std::vector<char*> words{const_cast<char*>(helper.c_str())};
  for (auto& word : context.all) words.push_back(word.data());
  words.push_back(nullptr);
  execv(helper.c_str(), words.data());
  return internal_error(helper + " can't be started (" + std::strerror(errno) +
                        "): it belongs beside hansa; install both");
}

}  // namespace hansa::client
