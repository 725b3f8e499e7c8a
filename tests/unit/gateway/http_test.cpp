#include "src/gateway/http.hpp"

#include <gtest/gtest.h>

#include "src/gateway/callers.hpp"
#include "src/gateway/json_common.hpp"
#include "src/gateway/routes.hpp"

namespace hansa::gateway {
namespace {

TEST(Http, ATargetIsSplitAndDecoded) {
  HttpRequest request;
  ASSERT_TRUE(parse_target("/v1/jobs?user=ann%40x&name=a+b&flag&limit=5&limit=6", request));
  EXPECT_EQ(request.path, "/v1/jobs");
  EXPECT_EQ(request.parameter("user"), "ann@x");
  EXPECT_EQ(request.parameter("name"), "a b");
  EXPECT_EQ(request.parameter("flag"), "");
  EXPECT_EQ(request.parameter("limit"), "6");
  EXPECT_EQ(request.parameter("other"), std::nullopt);
}

TEST(Http, AMalformedEscapeIsRefused) {
  for (const auto* target : {"/%", "/%4", "/%zz", "/a?b=%", "/%00", "/?%00=1"}) {
    HttpRequest request;
    EXPECT_FALSE(parse_target(target, request)) << target;
  }
}

TEST(Http, TimesAreIso8601InUtc) {
  EXPECT_EQ(format_utc(WallTime{1'772'354'096'125}), "2026-03-01T08:34:56.125Z");
  EXPECT_EQ(format_utc(WallTime{951'782'400'000}), "2000-02-29T00:00:00.000Z");
}

TEST(RouteTable, EveryPathIsFoundByItsOwnMethodOnly) {
  for (const auto& route : all_routes()) {
    std::string path(route.path);
    for (auto at = path.find("{}"); at != std::string::npos; at = path.find("{}")) path.replace(at, 2, "x-1");
    EXPECT_EQ(find_route(route.method, path).route, &route) << path;
    const auto wrong = find_route("PATCH", path);
    EXPECT_EQ(wrong.route, nullptr);
    EXPECT_EQ(wrong.otherwise.status, 405u);
  }
}

TEST(RouteTable, WhatIsNotServedIsNotFound) {
  for (const auto* path : {"/", "", "/v1", "/v1/", "/v1/jobs/", "/v1/jobs//why", "/v1/jobs/x/why/", "/v1/jobs/x/y",
                           "//v1/jobs", "/v2/jobs"}) {
    EXPECT_EQ(find_route("GET", path).otherwise.status, 404u) << path;
  }
}

TEST(Tokens, OnlyTheWholeTokenOpens) {
  const auto holds_token = [](std::string_view given, std::string_view right) {
    const auto token = bearer_token(given);
    return !token.empty() && same_token(token, right);
  };
  EXPECT_TRUE(holds_token("Bearer secret", "secret"));
  EXPECT_TRUE(holds_token("bearer secret", "secret"));
  for (const auto* given : {"", "Bearer", "Bearer ", "secret", "Basic secret", "Bearer secre", "Bearer secrets",
                            "Bearer Secret", "Bearer secretsecret"}) {
    EXPECT_FALSE(holds_token(given, "secret")) << given;
  }
  EXPECT_EQ(bearer_token("Bearer "), "");
}

}  // namespace
}  // namespace hansa::gateway
