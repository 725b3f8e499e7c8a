// Small files that only their owner may read: keys and tokens.
//
// A secret that others can read is no secret any more, so that such a file is refused and not quietly mended: its owner
// should know, and may want new keys.
#pragma once

#include <string>
#include <string_view>

#include "hansa/types/result.hpp"

namespace hansa {

// Creates the file, 0600 whatever the umask, and returns once it is on disk. Refused when the file exists.
Status write_secret_file(const std::string& path, std::string_view text);

// Its first line, of at most a few hundred bytes. Refused when it is not a regular file or others may read or write it.
Result<std::string> read_secret_file(const std::string& path);

}  // namespace hansa
