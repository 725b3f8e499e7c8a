// Which request goes where: one table of method, path and function, and how large a body each takes.
//
// A route's function reads the request, asks the ApiHandler, and responds from whichever thread the answer comes. It
// runs on the gateway's thread and never blocks. To add a route: its function in routes_*.cpp, one line in routes.cpp.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hansa/api.hpp"
#include "hansa/audit.hpp"
#include "src/gateway/http.hpp"
#include "src/gateway/policy_desk.hpp"
#include "src/gateway/tokens.hpp"

namespace hansa::gateway {

struct RouteContext {
  ApiHandler& handler;
  SiteName site;
  StoreId store;
  std::string version;
  std::function<std::string()> own_metrics;
  std::size_t script_bytes_max = 3u << 20;
  PolicyDesk policy = {};
  TokenBook* tokens = nullptr;  // null: this daemon keeps none
  std::function<void(AuditNote)> audit = [](AuditNote) {};
};

// What stood for the {} of a route's path.
using PathArguments = std::vector<std::string>;
using RouteFunction = void (*)(const RouteContext& context, HttpRequest request, const PathArguments& arguments,
                               Respond respond);

inline constexpr std::size_t small_body_bytes_max = 64u << 10;
inline constexpr std::size_t bulk_body_bytes_max = 64u << 20;

struct Route {
  std::string_view method;
  std::string_view path;  // "/v1/jobs/{}/why"
  RouteFunction run;
  std::size_t body_bytes_max = small_body_bytes_max;
  bool open = false;     // needs no token over TCP
  bool streams = false;  // /v1/events: the connection becomes an event stream; `run` is not called
};

// Either a route, or what to answer instead.
struct RouteMatch {
  const Route* route = nullptr;
  PathArguments arguments;
  HttpResponse otherwise;
};
RouteMatch find_route(std::string_view method, std::string_view path);

std::span<const Route> all_routes();

void submit_jobs(const RouteContext&, HttpRequest, const PathArguments&, Respond);
void list_jobs(const RouteContext&, HttpRequest, const PathArguments&, Respond);
void get_job(const RouteContext&, HttpRequest, const PathArguments&, Respond);
void why_job(const RouteContext&, HttpRequest, const PathArguments&, Respond);
void cancel_job(const RouteContext&, HttpRequest, const PathArguments&, Respond);
void hold_job(const RouteContext&, HttpRequest, const PathArguments&, Respond);
void release_job(const RouteContext&, HttpRequest, const PathArguments&, Respond);
void rerun_job(const RouteContext&, HttpRequest, const PathArguments&, Respond);
void read_log(const RouteContext&, HttpRequest, const PathArguments&, Respond);
void get_outputs(const RouteContext&, HttpRequest, const PathArguments&, Respond);
void get_chunk(const RouteContext&, HttpRequest, const PathArguments&, Respond);
void missing_chunks(const RouteContext&, HttpRequest, const PathArguments&, Respond);
void put_chunk(const RouteContext&, HttpRequest, const PathArguments&, Respond);
void list_sites(const RouteContext&, HttpRequest, const PathArguments&, Respond);
void forget_site(const RouteContext&, HttpRequest, const PathArguments&, Respond);
void adopt_site(const RouteContext&, HttpRequest, const PathArguments&, Respond);
void entrust_site(const RouteContext&, HttpRequest, const PathArguments&, Respond);
void list_capacity(const RouteContext&, HttpRequest, const PathArguments&, Respond);
void get_status(const RouteContext&, HttpRequest, const PathArguments&, Respond);
void drain_site(const RouteContext&, HttpRequest, const PathArguments&, Respond);
void resume_site(const RouteContext&, HttpRequest, const PathArguments&, Respond);
void show_federation(const RouteContext&, HttpRequest, const PathArguments&, Respond);
void create_federation(const RouteContext&, HttpRequest, const PathArguments&, Respond);
void join_federation(const RouteContext&, HttpRequest, const PathArguments&, Respond);
void leave_federation(const RouteContext&, HttpRequest, const PathArguments&, Respond);
void invite_site(const RouteContext&, HttpRequest, const PathArguments&, Respond);
void withdraw_invitation(const RouteContext&, HttpRequest, const PathArguments&, Respond);
void ban_site(const RouteContext&, HttpRequest, const PathArguments&, Respond);
void evict_site(const RouteContext&, HttpRequest, const PathArguments&, Respond);
void check_site(const RouteContext&, HttpRequest, const PathArguments&, Respond);
void rotate_key(const RouteContext&, HttpRequest, const PathArguments&, Respond);
void test_policy(const RouteContext&, HttpRequest, const PathArguments&, Respond);
void show_policy(const RouteContext&, HttpRequest, const PathArguments&, Respond);
void create_token(const RouteContext&, HttpRequest, const PathArguments&, Respond);
void list_tokens(const RouteContext&, HttpRequest, const PathArguments&, Respond);
void revoke_token(const RouteContext&, HttpRequest, const PathArguments&, Respond);
void get_version(const RouteContext&, HttpRequest, const PathArguments&, Respond);
void get_openapi(const RouteContext&, HttpRequest, const PathArguments&, Respond);
void get_metrics(const RouteContext&, HttpRequest, const PathArguments&, Respond);
void get_healthz(const RouteContext&, HttpRequest, const PathArguments&, Respond);
void get_readyz(const RouteContext&, HttpRequest, const PathArguments&, Respond);

}  // namespace hansa::gateway
