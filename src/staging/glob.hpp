// Globs over '/'-separated relative paths: `*`, `?` and `[a-z]` within one part, `**` for any number of parts.
//
// As in a shell, a wildcard does not match a leading dot; and a glob that matches a folder means all that is in it.
// A path that is spelled exactly like the pattern matches too, so that a file named "a[1]" can be named. Matching
// takes time in the product of both lengths, whatever the pattern: it comes from users of other sites.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hansa/types/result.hpp"

namespace hansa::staging {

class Glob {
 public:
  // Refuses absolute patterns, ".." and what is longer than a path may be. "./" and a trailing "/" are dropped.
  static Result<Glob> parse(std::string_view pattern);

  const std::string& pattern() const { return pattern_; }
  // The path itself, or a folder it lies in, matches.
  bool matches(std::string_view path) const;
  // Something below this folder could match: the folder is worth looking into.
  bool may_match_beneath(std::string_view folder) const;

 private:
  std::string pattern_;
  std::vector<std::string> parts_;
};

// One part against one name.
bool part_matches(std::string_view pattern, std::string_view name);

}  // namespace hansa::staging
