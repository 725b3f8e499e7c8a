// What a job is not shown: the site's folders with its keys, its journal and all other jobs' files.
//
// Problem: jobs of one site share a user, so that file permissions keep none of them from another's files; and where
// the daemon is no root, they share its user too and could read its keys. Idea: a mount namespace of the job's own, in
// which each of those folders is covered by an empty one that holds only what is the job's. An ordinary user may make
// one within a user namespace, where the machine lets it; files of others then look as nobody's to the job, and set-uid
// programs give it nothing.
//
// Invariants: (1) nothing is allocated between vfork and exec: all paths are put together before; (2) what is mounted
// is gone with the job's last process; (3) whoever runs the wrapper keeps seeing everything.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace hansa {

struct ViewChoice {
  std::vector<std::string> hidden;  // folders and files; those that are not there are left out
  std::vector<std::string> kept;    // folders and files below them that the job sees all the same
};

class PrivateView {
 public:
  explicit PrivateView(const ViewChoice& choice);

  bool empty() const { return covers_.empty(); }
  // In the process that will be the job. The step that failed, with errno, or null. Allocates nothing.
  const char* enter() const;

  // Empty when this process may give a job such a view, else why not, found out by trying it in a child.
  static std::string why_not_here();

 private:
  struct Cover {
    std::string path;
    bool folder = true;
  };
  struct Kept {
    std::string path;
    bool folder = true;
    std::vector<std::string> folders;  // to be made above it, the outermost first
  };
  void keep(const std::string& path);
  const char* enter_namespaces() const;
  const char* open_kept(std::vector<int>& files) const;

  std::vector<Cover> covers_;
  std::vector<Kept> kept_;
  bool as_root_ = false;
  std::string uid_map_;
  std::string gid_map_;
  mutable std::vector<int> files_;  // as many as kept_
};

}  // namespace hansa
