#include "src/staging/glob.hpp"

#include <algorithm>
#include <optional>

#include "src/staging/fd.hpp"
#include "src/staging/paths.hpp"

namespace hansa::staging {
namespace {

constexpr std::size_t pattern_bytes_max = 4096;

struct SetMatch {
  bool hit = false;
  std::size_t length = 0;  // of the whole [..]
};

// `pattern` begins with '['. Nothing when the bracket is never closed: then it is an ordinary character.
std::optional<SetMatch> match_set(std::string_view pattern, char c) {
  std::size_t i = 1;
  const bool negated = i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^');
  if (negated) ++i;
  bool hit = false;
  for (bool first = true; i < pattern.size(); first = false) {
    if (pattern[i] == ']' && !first) return SetMatch{hit != negated, i + 1};
    const bool range = i + 2 < pattern.size() && pattern[i + 1] == '-' && pattern[i + 2] != ']';
    const auto low = static_cast<unsigned char>(pattern[i]);
    const auto high = static_cast<unsigned char>(range ? pattern[i + 2] : pattern[i]);
    const auto byte = static_cast<unsigned char>(c);
    hit = hit || (low <= byte && byte <= high);
    i += range ? 3 : 1;
  }
  return std::nullopt;
}

// How many pattern characters match `c` at the front, 0 for none. Not called for '*'.
std::size_t match_one(std::string_view pattern, char c) {
  if (pattern.empty()) return 0;
  if (pattern.front() == '?') return 1;
  if (pattern.front() == '[') {
    if (const auto set = match_set(pattern, c)) return set->hit ? set->length : 0;
  }
  return pattern.front() == c ? 1 : 0;
}

bool is_wild(char c) {
  return c == '*' || c == '?' || c == '[';
}

// A set of positions in the pattern's parts, all of which the path so far has reached.
class Positions {
 public:
  explicit Positions(const std::vector<std::string>& parts) : parts_(parts), at_(parts.size() + 1, false) {
    at_[0] = true;
    skip_empty_stars();
  }

  void step(std::string_view name) {
    std::vector<bool> next(at_.size(), false);
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      if (!at_[i]) continue;
      if (parts_[i] == "**") {
        if (name.front() != '.') next[i] = true;
      } else if (part_matches(parts_[i], name)) {
        next[i + 1] = true;
      }
    }
    at_ = std::move(next);
    skip_empty_stars();
  }

  bool at_end() const { return at_.back(); }
  bool alive() const { return std::find(at_.begin(), at_.end(), true) != at_.end(); }

 private:
  void skip_empty_stars() {
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      if (at_[i] && parts_[i] == "**") at_[i + 1] = true;
    }
  }

  const std::vector<std::string>& parts_;
  std::vector<bool> at_;
};

bool lies_in(std::string_view path, std::string_view folder) {
  return path.size() > folder.size() && path.substr(0, folder.size()) == folder && path[folder.size()] == '/';
}

}  // namespace

bool part_matches(std::string_view pattern, std::string_view name) {
  if (!name.empty() && name.front() == '.' && !pattern.empty() && is_wild(pattern.front())) return false;
  std::size_t p = 0, n = 0, star = std::string_view::npos, resume = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = ++p;
      resume = n;
    } else if (const auto length = match_one(pattern.substr(p), name[n]); length > 0) {
      p += length;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star;
      n = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

Result<Glob> Glob::parse(std::string_view pattern) {
  const auto given = pattern;
  while (pattern.starts_with("./")) pattern.remove_prefix(2);
  while (pattern.size() > 1 && pattern.ends_with('/')) pattern.remove_suffix(1);
  const auto fits = check_path(pattern, pattern_bytes_max);
  if (!fits.ok()) {
    return usage_error("the pattern " + in_quotes(given) + " can't be used (" + fits.error().text +
                       "): write it relative to the folder, without '..'");
  }
  Glob glob;
  glob.pattern_ = std::string(pattern);
  glob.parts_ = split_path(pattern);
  return glob;
}

bool Glob::matches(std::string_view path) const {
  if (path == pattern_ || lies_in(path, pattern_)) return true;
  Positions positions(parts_);
  for (const auto& part : split_path(path)) {
    positions.step(part);
    if (positions.at_end()) return true;
  }
  return false;
}

bool Glob::may_match_beneath(std::string_view folder) const {
  if (lies_in(pattern_, folder) || matches(folder)) return true;
  Positions positions(parts_);
  for (const auto& part : split_path(folder)) positions.step(part);
  return positions.alive();
}

}  // namespace hansa::staging
