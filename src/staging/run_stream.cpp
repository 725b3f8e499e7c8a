#include "src/staging/run_stream.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "src/staging/beneath.hpp"

namespace hansa::staging {
namespace {

constexpr int stream_flags = O_RDONLY | O_NONBLOCK | O_NOCTTY;

Fd open_stream_file(const std::string& folder, const std::string& file) {
  if (!folder.empty() && file.starts_with(folder + '/')) {
    const auto root = open_folder(folder);
    if (root.ok()) return open_beneath(root->get(), file.substr(folder.size() + 1), stream_flags);
  }
  return Fd(::open(file.c_str(), stream_flags | O_CLOEXEC | O_NOFOLLOW));
}

}  // namespace

Result<Fd> open_stream(RunFolders& folders, const RunKey& run, LogStream stream) {
  const auto out = folders.stdout_file(run);
  const auto file = stream == LogStream::out ? out : folders.stderr_file(run);
  struct stat facts {};
  const bool joined = stream == LogStream::err && file == out;
  // The folder is asked for only when there is something to open: asking makes it.
  if (file.empty() || joined || ::lstat(file.c_str(), &facts) != 0) return not_found("the run has no such stream");
  const auto folder = folders.folder_of(run);
  Fd fd = open_stream_file(folder.ok() ? *folder : std::string(), file);
  if (!fd.valid() || ::fstat(fd.get(), &facts) != 0)
    return not_found("the run's stream can't be opened: " + errno_text(errno));
  if (!S_ISREG(facts.st_mode)) return not_found("the run's stream is not a regular file");
  return fd;
}

}  // namespace hansa::staging
