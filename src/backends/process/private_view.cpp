#include "src/backends/process/private_view.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace hansa {
namespace {

constexpr unsigned long tame = MS_NOSUID | MS_NODEV;

bool lies_below(const std::string& path, const std::string& folder) {
  return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

// Without a trailing slash and without "..", symlinks followed: as the kernel has it. Empty when it is not there.
std::string real(const std::string& path) {
  std::error_code error;
  const auto found = std::filesystem::canonical(path, error);
  return error ? std::string() : found.string();
}

// "a/b/c" below "a": "a/b", and "a/b/c" too when it is a folder itself.
std::vector<std::string> folders_between(const std::string& cover, const std::string& path, bool folder) {
  std::vector<std::string> between;
  for (auto slash = path.find('/', cover.size() + 1); slash != path.npos; slash = path.find('/', slash + 1))
    between.push_back(path.substr(0, slash));
  if (folder) between.push_back(path);
  return between;
}

bool write_file(const char* path, const char* text) {
  const int file = ::open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) return false;
  const auto size = static_cast<ssize_t>(::strlen(text));
  const bool written = ::write(file, text, static_cast<std::size_t>(size)) == size;
  ::close(file);
  return written;
}

}  // namespace

PrivateView::PrivateView(const ViewChoice& choice) : as_root_(::geteuid() == 0) {
  std::vector<std::string> hidden;
  for (const auto& path : choice.hidden) {
    if (const auto found = real(path); !found.empty()) hidden.push_back(found);
  }
  std::sort(hidden.begin(), hidden.end());
  for (const auto& path : hidden) {
    const bool covered = std::any_of(covers_.begin(), covers_.end(), [&](const Cover& cover) {
      return path == cover.path || lies_below(path, cover.path);
    });
    if (!covered && path != "/") covers_.push_back({path, std::filesystem::is_directory(path)});
  }
  for (const auto& path : choice.kept) {
    const auto found = real(path);
    keep(found);
    if (path != found) keep(path);  // a symlink on the way may be covered, and jobs know the path as it was written
  }
  files_.resize(kept_.size(), -1);
  const auto one_to_one = [](auto id) { return std::to_string(id) + " " + std::to_string(id) + " 1"; };
  uid_map_ = one_to_one(::geteuid());
  gid_map_ = one_to_one(::getegid());
}

void PrivateView::keep(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return;
  const bool folder = std::filesystem::is_directory(path, error);
  for (const auto& cover : covers_) {
    if (lies_below(path, cover.path)) kept_.push_back({path, folder, folders_between(cover.path, path, folder)});
  }
}

const char* PrivateView::enter_namespaces() const {
  if (::unshare(as_root_ ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER) != 0) return "making its own view of the files";
  if (!as_root_) {
    const bool mapped = write_file("/proc/self/setgroups", "deny") &&
                        write_file("/proc/self/uid_map", uid_map_.c_str()) &&
                        write_file("/proc/self/gid_map", gid_map_.c_str());
    if (!mapped) return "naming its user in its own view of the files";
  }
  // What is mounted here stays here; what the machine mounts later is seen.
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0) return "parting its mounts from the machine's";
  return nullptr;
}

// Held open, they are found again below what will cover them.
const char* PrivateView::open_kept(std::vector<int>& files) const {
  for (std::size_t i = 0; i < kept_.size(); ++i) {
    files[i] = ::open(kept_[i].path.c_str(), O_PATH | O_CLOEXEC);
    if (files[i] < 0) return "opening what is its own";
  }
  return nullptr;
}

const char* PrivateView::enter() const {
  ::umask(022);
  if (const char* step = enter_namespaces()) return step;
  if (const char* step = open_kept(files_)) return step;
  for (const auto& [path, folder] : covers_) {
    const int done = folder ? ::mount("none", path.c_str(), "tmpfs", tame, "size=256k,mode=0755")
                            : ::mount("/dev/null", path.c_str(), nullptr, MS_BIND, nullptr);
    if (done != 0) return "covering the site's files";
  }
  for (std::size_t i = 0; i < kept_.size(); ++i) {
    for (const auto& folder : kept_[i].folders) {
      if (::mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST) return "making room for what is its own";
    }
    if (!kept_[i].folder) ::close(::open(kept_[i].path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    std::array<char, 32> source{};
    std::snprintf(source.data(), source.size(), "/proc/self/fd/%d", files_[i]);
    if (::mount(source.data(), kept_[i].path.c_str(), nullptr, MS_BIND | MS_REC, nullptr) != 0)
      return "showing it what is its own";
    ::close(files_[i]);
  }
  for (const auto& [path, folder] : covers_) {
    if (folder && ::mount(nullptr, path.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY | tame, nullptr) != 0)
      return "closing what covers the site's files";
  }
  return nullptr;
}

std::string PrivateView::why_not_here() {
  const PrivateView view({.hidden = {"/proc"}, .kept = {}});
  int told[2] = {-1, -1};
  if (::pipe2(told, O_CLOEXEC) != 0) return "no pipe could be made";
  const pid_t child = ::fork();
  if (child == 0) {
    const char* step = view.enter();
    const std::string why = step == nullptr ? "" : std::string(step) + " failed: " + std::strerror(errno);
    [[maybe_unused]] const auto written = ::write(told[1], why.data(), why.size());
    ::_exit(0);
  }
  ::close(told[1]);
  char text[256] = {};
  const auto size = child > 0 ? ::read(told[0], text, sizeof text - 1) : -1;
  ::close(told[0]);
  if (child > 0) ::waitpid(child, nullptr, 0);
  return size < 0 ? "no process could be made to try it" : std::string(text, static_cast<std::size_t>(size));
}

}  // namespace hansa
