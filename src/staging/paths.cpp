#include "src/staging/paths.hpp"

#include <cstdint>
#include <deque>

namespace hansa::staging {
namespace {

constexpr int links_followed_max = 40;        // as the kernel has it
constexpr std::size_t path_bytes_max = 4095;  // PATH_MAX
constexpr std::size_t name_bytes_max = 255;   // NAME_MAX

std::size_t utf8_length(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead < 0xe0) return 2;
  if (lead >= 0xe0 && lead < 0xf0) return 3;
  if (lead >= 0xf0 && lead < 0xf5) return 4;
  return 0;
}

// The ranges that a second byte may not have: overlong forms, surrogates, beyond U+10FFFF.
bool bad_second(unsigned char lead, unsigned char second) {
  return (lead == 0xe0 && second < 0xa0) || (lead == 0xed && second >= 0xa0) || (lead == 0xf0 && second < 0x90) ||
         (lead == 0xf4 && second >= 0x90);
}

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const auto length = utf8_length(lead);
    if (length == 0 || i + length > text.size()) return false;
    for (std::size_t j = 1; j < length; ++j) {
      if ((static_cast<unsigned char>(text[i + j]) & 0xc0) != 0x80) return false;
    }
    if (length > 1 && bad_second(lead, static_cast<unsigned char>(text[i + 1]))) return false;
    i += length;
  }
  return true;
}

}  // namespace

bool is_reserved(std::string_view path) {
  return path == reserved_folder || (path.starts_with(reserved_folder) && path.size() > reserved_folder.size() &&
                                     path[reserved_folder.size()] == '/');
}

Status check_path(std::string_view path, std::size_t bytes_max) {
  if (path.empty()) return usage_error("it is empty");
  if (path.size() > bytes_max) return usage_error("it is longer than " + std::to_string(bytes_max) + " bytes");
  if (path.front() == '/') return usage_error("it is absolute");
  if (path.find('\0') != std::string_view::npos) return usage_error("it holds a NUL byte");
  if (!is_utf8(path)) return usage_error("it is not UTF-8");
  for (const auto& part : split_path(path)) {
    if (part.empty()) return usage_error("it has an empty part");
    if (part == "." || part == "..") return usage_error("it has a '" + part + "' part");
    if (part.size() > name_bytes_max) return usage_error("it has a part longer than 255 bytes");
  }
  return success();
}

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0;;) {
    const auto end = path.find('/', begin);
    parts.emplace_back(path.substr(begin, end == std::string_view::npos ? end : end - begin));
    if (end == std::string_view::npos) return parts;
    begin = end + 1;
  }
}

std::string parent_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string() : std::string(path.substr(0, slash));
}

namespace {

// Where a walk along links stands: `here` is a path without links, `ahead` the parts still to go.
struct LinkWalk {
  std::string here;
  std::deque<std::string> ahead;

  // Puts a target's parts before those still ahead; false when it could never stay inside.
  bool follow(const std::string& target) {
    const bool relative = !target.empty() && target.front() != '/';
    if (!relative || target.size() > path_bytes_max || target.find('\0') != std::string::npos) return false;
    const auto parts = split_path(target);
    ahead.insert(ahead.begin(), parts.begin(), parts.end());
    return true;
  }

  bool step(const std::string& part) {
    if (part.empty() || part == ".") return true;
    if (part == "..") {
      const bool inside = !here.empty();
      here = parent_of(here);
      return inside;
    }
    here += (here.empty() ? "" : "/") + part;
    return here.size() <= path_bytes_max;
  }
};

}  // namespace

bool link_stays_inside(const std::string& path, const std::string& target, const LinkLookup& links) {
  LinkWalk walk{parent_of(path), {}};
  if (!walk.follow(target)) return false;
  for (int followed = 0; !walk.ahead.empty();) {
    const auto part = walk.ahead.front();
    walk.ahead.pop_front();
    if (!walk.step(part)) return false;
    if (walk.here.empty()) continue;
    if (const auto next = links(walk.here)) {
      walk.here = parent_of(walk.here);
      if (++followed > links_followed_max || !walk.follow(*next)) return false;
    }
  }
  return true;
}

}  // namespace hansa::staging
