#include <nlohmann/json.hpp>

#include "protocol/wire/codec.hpp"
#include "src/gateway/figures_text.hpp"
#include "src/gateway/json_common.hpp"
#include "src/gateway/json_views.hpp"
#include "src/gateway/openapi_text.hpp"
#include "src/gateway/routes.hpp"
#include "src/gateway/routes_common.hpp"

namespace hansa::gateway {
namespace {

HttpResponse show_acknowledged(const Acknowledged&) {
  return {.body = R"({"acknowledged":true})"};
}

void act(const RouteContext& context, const HttpRequest& request, SiteAct what, Respond respond) {
  if (!request.caller.is_operator) {
    return respond(problem(
        403, "refused", "only an operator (root, or the daemon's own user) may drain or resume " + context.site.value));
  }
  context.handler.call(request.caller, ActOnSite{what}, answering<Acknowledged>(std::move(respond), show_acknowledged));
}

HttpResponse show_forgotten(const Forgotten& forgotten) {
  return {.body = to_text({{"jobs_given_up", forgotten.jobs_given_up},
                           {"runs_perhaps_alive", forgotten.runs_perhaps_alive},
                           {"runs_let_go", forgotten.runs_let_go},
                           {"may_return", forgotten.may_return}})};
}

// A site that is degraded still serves; one that is not ready says why.
HttpResponse show_readiness(const SiteStatus& status) {
  if (status.ready) return {.content_type = "text/plain", .body = status.degraded ? "degraded\n" : "ready\n"};
  return problem(503, "unreachable",
                 status.site.value + " is not ready" + (status.problem.empty() ? "" : ": " + status.problem));
}

}  // namespace

void list_sites(const RouteContext& context, HttpRequest request, const PathArguments&, Respond respond) {
  const auto render = [](const SiteList& list) { return HttpResponse{.body = to_text(site_list_json(list))}; };
  context.handler.call(request.caller, ListSites{}, answering<SiteList>(std::move(respond), render));
}

void list_capacity(const RouteContext& context, HttpRequest request, const PathArguments&, Respond respond) {
  const auto render = [](const SiteList& list) { return HttpResponse{.body = to_text(capacity_json(list))}; };
  context.handler.call(request.caller, ListSites{}, answering<SiteList>(std::move(respond), render));
}

void get_status(const RouteContext& context, HttpRequest request, const PathArguments&, Respond respond) {
  const auto render = [](const SiteStatus& status) { return HttpResponse{.body = to_text(status_json(status))}; };
  context.handler.call(request.caller, GetStatus{}, answering<SiteStatus>(std::move(respond), render));
}

void drain_site(const RouteContext& context, HttpRequest request, const PathArguments&, Respond respond) {
  act(context, request, SiteAct::drain, std::move(respond));
}

void resume_site(const RouteContext& context, HttpRequest request, const PathArguments&, Respond respond) {
  act(context, request, SiteAct::resume, std::move(respond));
}

void forget_site(const RouteContext& context, HttpRequest request, const PathArguments& arguments, Respond respond) {
  auto site = parse_site_name(arguments.front());
  if (!site) return respond(problem(site.error()));
  context.handler.call(
      request.caller,
      ActOnSite{.act = SiteAct::forget, .site = *site, .even_if_alive = is_set(request, "even_if_alive")},
      answering<Forgotten>(std::move(respond), show_forgotten));
}

void adopt_site(const RouteContext& context, HttpRequest request, const PathArguments& arguments, Respond respond) {
  auto site = parse_site_name(arguments.front());
  if (!site) return respond(problem(site.error()));
  context.handler.call(request.caller, ActOnSite{.act = SiteAct::adopt, .site = *site},
                       answering<Acknowledged>(std::move(respond), show_acknowledged));
}

void entrust_site(const RouteContext& context, HttpRequest request, const PathArguments& arguments, Respond respond) {
  auto site = parse_site_name(arguments.front());
  auto custodian = parse_site_name(request.parameter("custodian").value_or(""));
  if (!site) return respond(problem(site.error()));
  if (!custodian) return respond(bad_parameter("custodian", "the name of the site that adopted the other is wanted"));
  context.handler.call(request.caller, ActOnSite{.act = SiteAct::entrust, .site = *site, .custodian = *custodian},
                       answering<Acknowledged>(std::move(respond), show_acknowledged));
}

void get_version(const RouteContext& context, HttpRequest, const PathArguments&, Respond respond) {
  respond({.body = to_text({{"version", context.version},
                            {"site", context.site.value},
                            {"api", 1},
                            {"protocol", {{"oldest", spoken_versions.oldest}, {"newest", spoken_versions.newest}}}})});
}

void get_openapi(const RouteContext&, HttpRequest, const PathArguments&, Respond respond) {
  respond({.body = std::string(openapi_text)});
}

// A brain that does not answer takes only its own figures along: what the transport and the journal do is told.
void get_metrics(const RouteContext& context, HttpRequest request, const PathArguments&, Respond respond) {
  auto others = context.handler.metrics() + context.own_metrics();
  context.handler.call(request.caller, GetFigures{},
                       [respond = std::move(respond), others = std::move(others)](ApiReply reply) {
                         const auto* figures = reply ? std::get_if<SiteFigures>(&reply.value()) : nullptr;
                         respond({.content_type = "text/plain; version=0.0.4; charset=utf-8",
                                  .body = (figures ? figures_text(*figures) : std::string()) + others});
                       });
}

void get_healthz(const RouteContext&, HttpRequest, const PathArguments&, Respond respond) {
  respond({.content_type = "text/plain", .body = "ok\n"});
}

void get_readyz(const RouteContext& context, HttpRequest request, const PathArguments&, Respond respond) {
  context.handler.call(request.caller, GetStatus{}, answering<SiteStatus>(std::move(respond), show_readiness));
}

}  // namespace hansa::gateway
