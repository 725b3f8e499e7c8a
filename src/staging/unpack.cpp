#include "src/staging/unpack.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include "src/staging/beneath.hpp"
#include "src/staging/chunk.hpp"
#include "src/staging/fd.hpp"
#include "src/staging/paths.hpp"

namespace hansa::staging {
namespace {

constexpr mode_t mode_mask = 0755;
constexpr int folder_flags = O_RDONLY | O_DIRECTORY;

std::string name_of_entry(const std::string& path) {
  return split_path(path).back();
}

}  // namespace

// One go of an Unpacking.
class Unpacker {
 public:
  Unpacker(Unpacking& progress, int root, ChunkSource& source, const UnpackOptions& options)
      : progress_(progress), root_(root), source_(source), options_(options) {}

  Status run(const Manifest& manifest) {
    for (; progress_.entry_ < manifest.entries.size(); ++progress_.entry_) {
      if (auto made = make(manifest.entries[progress_.entry_]); !made.ok()) return made;
    }
    return finish_folders(manifest);
  }

 private:
  Status make(const ManifestEntry& entry) {
    if (progress_.file_.valid()) return fill_file(entry);
    if (entry.kind == EntryKind::folder) return enter(entry.path);
    if (auto parent = enter(parent_of(entry.path)); !parent.ok()) return parent;
    const auto name = name_of_entry(entry.path);
    if (::unlinkat(folder_.get(), name.c_str(), 0) != 0 && errno != ENOENT) {
      return file_error("replace", entry.path, errno);
    }
    return entry.kind == EntryKind::link ? make_link(entry, name) : make_file(entry, name);
  }

  Status make_link(const ManifestEntry& entry, const std::string& name) {
    if (::symlinkat(entry.target.c_str(), folder_.get(), name.c_str()) != 0) {
      return file_error("make the link", entry.path, errno);
    }
    if (options_.owner && ::fchownat(folder_.get(), name.c_str(), options_.owner->user, options_.owner->group,
                                     AT_SYMLINK_NOFOLLOW) != 0) {
      return file_error("give away", entry.path, errno);
    }
    return success();
  }

  Status make_file(const ManifestEntry& entry, const std::string& name) {
    progress_.file_ = open_beneath(folder_.get(), name, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (!progress_.file_.valid()) return file_error("create", entry.path, errno);
    return fill_file(entry);
  }

  Status fill_file(const ManifestEntry& entry) {
    for (; progress_.chunk_ < entry.chunks.size(); ++progress_.chunk_) {
      if (auto filled = fill_chunk(entry, progress_.chunk_); !filled.ok()) return filled;
    }
    const Fd file = std::exchange(progress_.file_, Fd());
    progress_.chunk_ = 0;
    return hand_over(file.get(), entry, 0600);
  }

  Status fill_chunk(const ManifestEntry& entry, std::size_t i) {
    const auto bytes = source_.read(entry.chunks[i]);
    if (!bytes.ok()) return bytes.error();
    if (bytes->size() != chunk_size(entry.size_bytes, i)) {
      return refusal("the chunk " + hash_text(entry.chunks[i]) + " of " + in_quotes(entry.path) +
                     " is not as long as the file's size says");
    }
    if (!write_all(progress_.file_.get(), *bytes)) return file_error("write", entry.path, errno);
    return success();
  }

  // The owner first: giving a file away clears bits, and from then on its owner may change it.
  Status hand_over(int file, const ManifestEntry& entry, mode_t least) {
    if (options_.owner && ::fchown(file, options_.owner->user, options_.owner->group) != 0) {
      return file_error("give away", entry.path, errno);
    }
    if (::fchmod(file, (entry.mode & mode_mask) | least) != 0) return file_error("set the mode of", entry.path, errno);
    return success();
  }

  // Makes `path` the current folder, with whatever of it is missing.
  Status enter(const std::string& path) {
    if (folder_.valid() && path == current_) return success();
    Fd folder = open_beneath(root_, path.empty() ? "." : path, folder_flags);
    if (!folder.valid() && errno == ENOENT) {
      if (auto parent = enter(parent_of(path)); !parent.ok()) return parent;
      folder = make_folder_here(name_of_entry(path));
    }
    if (!folder.valid()) return file_error("enter the folder", path, errno);
    folder_ = std::move(folder);
    current_ = path;
    return success();
  }

  // Folders that the manifest doesn't name are the owner's too.
  Fd make_folder_here(const std::string& name) {
    if (::mkdirat(folder_.get(), name.c_str(), 0755) != 0 && errno != EEXIST) return Fd();
    Fd made = open_beneath(folder_.get(), name, folder_flags);
    if (made.valid() && options_.owner && ::fchown(made.get(), options_.owner->user, options_.owner->group) != 0) {
      return Fd();
    }
    return made;
  }

  // Last and from the deepest up, so that a read-only folder could still be filled.
  Status finish_folders(const Manifest& manifest) {
    std::vector<const ManifestEntry*> folders;
    for (const auto& entry : manifest.entries) {
      if (entry.kind == EntryKind::folder) folders.push_back(&entry);
    }
    std::sort(folders.begin(), folders.end(), [](auto* a, auto* b) { return a->path > b->path; });
    for (const auto* entry : folders) {
      const Fd folder = open_beneath(root_, entry->path, folder_flags);
      if (!folder.valid()) return file_error("enter the folder", entry->path, errno);
      if (auto given = hand_over(folder.get(), *entry, 0700); !given.ok()) return given;
    }
    return success();
  }

  Unpacking& progress_;
  int root_;
  ChunkSource& source_;
  const UnpackOptions& options_;
  Fd folder_;            // where files are made just now
  std::string current_;  // its path
};

Status Unpacking::advance(const Manifest& manifest, const std::string& folder, ChunkSource& source,
                          const UnpackOptions& options) {
  if (!checked_) {
    if (auto sound = check_manifest(manifest, options.limits, options.use); !sound.ok()) return sound;
    checked_ = true;
  }
  const auto root = make_folder(folder);
  if (!root.ok()) return root.error();
  return Unpacker(*this, root->get(), source, options).run(manifest);
}

Result<bool> Unpacking::go_on(const Manifest& manifest, const std::string& folder, ChunkSource& source,
                              const UnpackOptions& options) {
  const auto done = advance(manifest, folder, source, options);
  if (done.ok()) return true;
  if (done.error().kind == ErrorKind::not_found) return false;
  return done.error();
}

Status unpack(const Manifest& manifest, const std::string& folder, ChunkSource& source, const UnpackOptions& options) {
  return Unpacking().advance(manifest, folder, source, options);
}

}  // namespace hansa::staging
