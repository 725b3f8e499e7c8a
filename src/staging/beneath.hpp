// Opening files in a folder that somebody else may write to, without ever leaving it.
//
// A job, or a manifest from another site, may plant links. openat2 with RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS makes
// the kernel refuse every way out at once; where the kernel (before 5.6) or a container's filter lacks it, the same is
// done component by component with O_NOFOLLOW, which no rename can fool either, as each step starts from an open
// folder.
#pragma once

#include <sys/types.h>

#include <string>

#include "src/staging/fd.hpp"

namespace hansa::staging {

// Opens `path` (relative, without "..") below `folder`; no link is followed, the last part included. Invalid with errno
// set on failure: ELOOP or ENOTDIR when a link is in the way, EXDEV when the path would leave.
Fd open_beneath(int folder, const std::string& path, int flags, mode_t mode = 0);

// What open_beneath falls back to.
Fd open_beneath_by_component(int folder, const std::string& path, int flags, mode_t mode = 0);

}  // namespace hansa::staging
