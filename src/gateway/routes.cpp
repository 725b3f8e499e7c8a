#include "src/gateway/routes.hpp"

#include <algorithm>

#include "src/gateway/problem.hpp"

namespace hansa::gateway {
namespace {

constexpr std::size_t policy_body_bytes_max = 2u << 20;
constexpr std::size_t hashes_body_bytes_max = 8u << 20;
constexpr std::size_t chunk_body_bytes_max = 6u << 20;  // 4 MiB that don't compress, and zstd's frame

const Route routes[] = {
    {"POST", "/v1/jobs", submit_jobs, bulk_body_bytes_max},
    {"GET", "/v1/jobs", list_jobs},
    {"GET", "/v1/jobs/{}", get_job},
    {"GET", "/v1/jobs/{}/why", why_job},
    {"POST", "/v1/jobs/{}/cancel", cancel_job},
    {"POST", "/v1/jobs/{}/hold", hold_job},
    {"POST", "/v1/jobs/{}/release", release_job},
    {"POST", "/v1/jobs/{}/rerun", rerun_job},
    {"GET", "/v1/jobs/{}/logs", read_log},
    {"GET", "/v1/jobs/{}/outputs", get_outputs},
    {"GET", "/v1/jobs/{}/chunks/{}", get_chunk},
    {"POST", "/v1/chunks/missing", missing_chunks, hashes_body_bytes_max},
    {"PUT", "/v1/chunks/{}", put_chunk, chunk_body_bytes_max},
    {"GET", "/v1/sites", list_sites},
    {"POST", "/v1/sites/{}/forget", forget_site},
    {"POST", "/v1/sites/{}/adopt", adopt_site},
    {"POST", "/v1/sites/{}/entrust", entrust_site},
    {"GET", "/v1/capacity", list_capacity},
    {"GET", "/v1/status", get_status},
    {"POST", "/v1/site/drain", drain_site},
    {"POST", "/v1/site/resume", resume_site},
    {"POST", "/v1/site/rotate-key", rotate_key},
    {"GET", "/v1/federation", show_federation},
    {"POST", "/v1/federation", create_federation},
    {"POST", "/v1/federation/join", join_federation},
    {"POST", "/v1/federation/leave", leave_federation},
    {"POST", "/v1/federation/invitations", invite_site},
    {"POST", "/v1/federation/invitations/{}/withdraw", withdraw_invitation},
    {"POST", "/v1/sites/{}/ban", ban_site},
    {"POST", "/v1/sites/{}/evict", evict_site},
    {"GET", "/v1/sites/{}/check", check_site},
    {"POST", "/v1/policy/test", test_policy, policy_body_bytes_max},
    {"GET", "/v1/policy", show_policy},
    {"POST", "/v1/tokens", create_token},
    {"GET", "/v1/tokens", list_tokens},
    {"DELETE", "/v1/tokens/{}", revoke_token},
    {.method = "GET", .path = "/v1/events", .run = nullptr, .streams = true},
    {.method = "GET", .path = "/v1/version", .run = get_version, .open = true},
    {.method = "GET", .path = "/v1/openapi.json", .run = get_openapi, .open = true},
    {.method = "GET", .path = "/metrics", .run = get_metrics, .open = true},
    {.method = "GET", .path = "/healthz", .run = get_healthz, .open = true},
    {.method = "GET", .path = "/readyz", .run = get_readyz, .open = true},
};

std::string_view next_part(std::string_view& path) {
  const auto slash = path.find('/');
  const auto part = path.substr(0, slash);
  path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1);
  return part;
}

bool path_matches(std::string_view pattern, std::string_view path, PathArguments& arguments) {
  if (pattern == path) return true;
  if (pattern.find('{') == std::string_view::npos) return false;
  if (std::count(pattern.begin(), pattern.end(), '/') != std::count(path.begin(), path.end(), '/')) return false;
  arguments.clear();
  while (!pattern.empty() && !path.empty()) {
    const auto wanted = next_part(pattern);
    const auto given = next_part(path);
    if (wanted == "{}" && !given.empty()) {
      arguments.emplace_back(given);
    } else if (wanted != given) {
      return false;
    }
  }
  return pattern.empty() && path.empty();
}

HttpResponse wrong_method(std::string_view method, std::string_view path, const std::string& allowed) {
  auto response = problem(405, "usage", std::string(path) + " takes " + allowed + ", not " + std::string(method));
  response.headers += "Allow: " + allowed + "\r\n";
  return response;
}

}  // namespace

std::span<const Route> all_routes() {
  return routes;
}

RouteMatch find_route(std::string_view method, std::string_view path) {
  RouteMatch match;
  std::string allowed;
  for (const auto& route : routes) {
    if (!path_matches(route.path, path, match.arguments)) continue;
    if (route.method == method || (method == "HEAD" && route.method == "GET")) {
      match.route = &route;
      return match;
    }
    allowed += (allowed.empty() ? "" : ", ") + std::string(route.method);
  }
  const auto shown = path.substr(0, 200);
  match.otherwise = allowed.empty()
                        ? problem(404, "not_found", "nothing is served at " + std::string(shown) + "; see /v1/…")
                        : wrong_method(method, shown, allowed);
  return match;
}

}  // namespace hansa::gateway
