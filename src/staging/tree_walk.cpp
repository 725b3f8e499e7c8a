#include "src/staging/tree_walk.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "src/staging/beneath.hpp"
#include "src/staging/fd.hpp"
#include "src/staging/paths.hpp"

namespace hansa::staging {
namespace {

constexpr std::size_t looked_at_max = 2'000'000;

std::string kind_in_words(mode_t mode) {
  if (S_ISFIFO(mode)) return "a pipe";
  if (S_ISSOCK(mode)) return "a socket";
  if (S_ISCHR(mode) || S_ISBLK(mode)) return "a device";
  return "neither a file, a folder nor a link";
}

class Walk {
 public:
  Walk(int root, const std::vector<Glob>& globs, const BundleLimits& limits)
      : root_(root), globs_(globs), limits_(limits) {
    tree_.glob_used.assign(globs.size(), false);
  }

  WalkedTree run() {
    visit_folder("");
    return std::move(tree_);
  }

 private:
  void visit_folder(const std::string& path) {
    Fd folder = open_beneath(root_, path.empty() ? "." : path, O_RDONLY | O_DIRECTORY);
    if (!folder.valid()) return refuse(path, "can't be listed: " + errno_text(errno));
    for (const auto& name : names_in(folder.get())) {
      if (full_) return;
      visit(folder.get(), name, path.empty() ? name : path + '/' + name);
    }
  }

  void visit(int parent, const std::string& name, const std::string& path) {
    if (++looked_at_ > looked_at_max) return stop("the folder holds more than 2 million files");
    struct stat facts {};
    if (::fstatat(parent, name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0) {
      if (selected(path)) refuse(path, "can't be looked at: " + errno_text(errno));
      return;
    }
    const bool wanted = selected(path);
    if (wanted && !add(parent, name, path, facts)) return;
    if (S_ISDIR(facts.st_mode) && (wanted || worth_looking_into(path))) visit_folder(path);
  }

  // False when it is refused, with all that is in it.
  bool add(int parent, const std::string& name, const std::string& path, const struct stat& facts) {
    if (is_reserved(path)) return refuse(path, "lies in the folder .hansa, which is reserved"), false;
    if (const auto plain = check_path(path, limits_.path_bytes_max); !plain.ok()) {
      return refuse(path, "can't be named in a bundle: " + plain.error().text), false;
    }
    ManifestEntry entry{.path = path, .mode = facts.st_mode & 0777};
    if (S_ISREG(facts.st_mode)) {
      entry.size_bytes = static_cast<std::uint64_t>(facts.st_size);
    } else if (S_ISDIR(facts.st_mode)) {
      entry.kind = EntryKind::folder;
    } else if (S_ISLNK(facts.st_mode)) {
      entry.kind = EntryKind::link;
      entry.target = target_of(parent, name);
    } else {
      return refuse(path, "is " + kind_in_words(facts.st_mode) + ", which can't travel"), false;
    }
    if (tree_.found.size() >= limits_.entries_max) {
      return stop("more than " + std::to_string(limits_.entries_max) + " files are named: pack them into an archive"),
             false;
    }
    tree_.found.push_back(std::move(entry));
    return true;
  }

  static std::string target_of(int parent, const std::string& name) {
    char target[4096];
    const auto size = ::readlinkat(parent, name.c_str(), target, sizeof target);
    return size < 0 ? std::string() : std::string(target, static_cast<std::size_t>(size));
  }

  bool selected(const std::string& path) {
    bool any = globs_.empty();
    for (std::size_t i = 0; i < globs_.size(); ++i) {
      if (!globs_[i].matches(path)) continue;
      tree_.glob_used[i] = true;
      any = true;
    }
    return any;
  }

  bool worth_looking_into(const std::string& path) const {
    return std::any_of(globs_.begin(), globs_.end(), [&](const Glob& glob) { return glob.may_match_beneath(path); });
  }

  void refuse(const std::string& path, const std::string& why) {
    constexpr std::size_t refused_max = 1000;
    if (tree_.refused.size() < refused_max) tree_.refused.push_back({path, in_quotes(path) + " " + why});
  }

  void stop(const std::string& why) {
    if (!full_) tree_.refused.push_back({"", why});
    full_ = true;
  }

  int root_;
  const std::vector<Glob>& globs_;
  const BundleLimits& limits_;
  WalkedTree tree_;
  std::size_t looked_at_ = 0;
  bool full_ = false;
};

}  // namespace

WalkedTree walk_tree(int folder, const std::vector<Glob>& globs, const BundleLimits& limits) {
  return Walk(folder, globs, limits).run();
}

}  // namespace hansa::staging
