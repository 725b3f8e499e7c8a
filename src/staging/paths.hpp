// Which paths a manifest may name, and where its links lead. Total: any bytes give an answer.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hansa/types/result.hpp"

namespace hansa::staging {

// Our own files in a run's folder, and the names of its output streams in an output manifest.
inline constexpr std::string_view reserved_folder = ".hansa";
inline constexpr std::string_view stdout_entry = ".hansa/stdout";
inline constexpr std::string_view stderr_entry = ".hansa/stderr";

bool is_reserved(std::string_view path);

// Relative, '/'-separated UTF-8 without empty, "." or ".." parts and without NUL. The error says only what is wrong;
// the caller names the path.
Status check_path(std::string_view path, std::size_t bytes_max);

std::vector<std::string> split_path(std::string_view path);
// "a/b" of "a/b/c"; empty at the top.
std::string parent_of(std::string_view path);

// The target of the link at this path, or nothing when no link is there.
using LinkLookup = std::function<std::optional<std::string>(const std::string& path)>;

// Whether the link at `path` leads nowhere outside of the folder, other links on its way followed as the kernel would.
bool link_stays_inside(const std::string& path, const std::string& target, const LinkLookup& links);

}  // namespace hansa::staging
