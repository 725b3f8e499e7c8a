// docs/api/openapi.json says what the API does: no route, field or answer more or less.
#include <gmock/gmock.h>

#include <regex>

#include "src/gateway/json_job.hpp"
#include "src/gateway/routes.hpp"
#include "src/staging/chunk.hpp"
#include "tests/unit/gateway/gateway_fixture.hpp"

namespace hansa {
namespace {

using nlohmann::json;

// The part of JSON Schema that the file uses. An unknown word in a schema is a mistake of the file.
class Schemas {
 public:
  explicit Schemas(const json& file) : file_(file) {}

  // What is wrong with `value`, or nothing.
  std::string check(const json& schema, const json& value, const std::string& at = "$") const {
    if (schema.contains("$ref")) return check(file_.at(json::json_pointer(path_of(schema["$ref"]))), value, at);
    if (schema.contains("anyOf")) return check_any(schema["anyOf"], value, at);
    if (schema.contains("type") && !has_type(schema["type"], value)) {
      return at + " is no " + schema["type"].dump() + ": " + value.dump().substr(0, 80);
    }
    if (schema.contains("enum") &&
        std::find(schema["enum"].begin(), schema["enum"].end(), value) == schema["enum"].end())
      return at + " is " + value.dump() + ", which is not listed";
    if (schema.contains("pattern") && value.is_string() &&
        !std::regex_search(value.get<std::string>(), std::regex(schema["pattern"].get<std::string>())))
      return at + " does not match its pattern: " + value.dump();
    if (value.is_object()) return check_object(schema, value, at);
    if (value.is_array() && schema.contains("items")) {
      for (const auto& item : value) {
        if (auto wrong = check(schema["items"], item, at + "[]"); !wrong.empty()) return wrong;
      }
    }
    return {};
  }

 private:
  static std::string path_of(const json& ref) { return ref.get<std::string>().substr(1); }

  std::string check_any(const json& choices, const json& value, const std::string& at) const {
    std::string all;
    for (const auto& choice : choices) {
      const auto wrong = check(choice, value, at);
      if (wrong.empty()) return {};
      all += wrong + "; ";
    }
    return all;
  }

  std::string check_object(const json& schema, const json& value, const std::string& at) const {
    for (const auto& name : schema.value("required", json::array())) {
      if (!value.contains(name.get<std::string>())) return at + " lacks " + name.dump();
    }
    const auto properties = schema.value("properties", json::object());
    const bool closed = schema.contains("additionalProperties") && schema["additionalProperties"] == false;
    for (const auto& [name, item] : value.items()) {
      if (!properties.contains(name)) {
        if (closed) return at + " has '" + name + "', which is not described";
        continue;
      }
      if (auto wrong = check(properties[name], item, at + "." + name); !wrong.empty()) return wrong;
    }
    return {};
  }

  static bool has_type(const json& type, const json& value) {
    if (type.is_array()) {
      return std::any_of(type.begin(), type.end(), [&](const json& one) { return has_type(one, value); });
    }
    const std::map<std::string, bool> is{{"string", value.is_string()}, {"integer", value.is_number_integer()},
                                         {"number", value.is_number()}, {"boolean", value.is_boolean()},
                                         {"object", value.is_object()}, {"array", value.is_array()},
                                         {"null", value.is_null()}};
    return is.at(type.get<std::string>());
  }

  const json& file_;
};

class OpenApi : public GatewayTest {
 protected:
  void SetUp() override {
    start();
    const auto served = get("/v1/openapi.json");
    ASSERT_EQ(served.status, 200);
    file_ = served.json();
  }

  // "What is wrong" with the answer to a request, by what the file says of `path`.
  std::string judge(const std::string& method, const std::string& path, const ProbeResponse& answer) {
    auto lower = method;
    for (auto& c : lower) c = static_cast<char>(std::tolower(c));
    const auto& responses = file_.at("paths").at(path).at(lower).at("responses");
    const auto status = std::to_string(answer.status);
    auto response = responses.contains(status) ? responses[status] : responses.at("default");
    if (response.contains("$ref")) response = file_.at("components").at("responses").at("Problem");
    if (answer.body.empty()) return response.contains("content") ? "a body was promised" : "";
    const auto type = answer.headers.at("content-type");
    const auto plain = type.substr(0, type.find(';'));
    if (!response.at("content").contains(plain)) return status + " is not described as " + plain;
    if (plain.find("json") == std::string::npos) return "";
    return Schemas(file_).check(response["content"][plain].at("schema"), json::parse(answer.body));
  }

  json file_;
};

// "/v1/jobs/{job}/why" as routes.cpp writes it.
std::string as_route(const std::string& path) {
  return std::regex_replace(path, std::regex("\\{[a-z]+\\}"), "{}");
}

TEST_F(OpenApi, EveryRouteIsInTheFileAndNoOther) {
  std::set<std::string> served;
  std::set<std::string> described;
  for (const auto& route : gateway::all_routes()) {
    served.insert(std::string(route.method) + " " + std::string(route.path) + (route.open ? " open" : ""));
  }
  for (const auto& [path, item] : file_.at("paths").items()) {
    for (const auto& [key, operation] : item.items()) {
      if (key == "parameters") continue;
      auto method = key;
      for (auto& c : method) c = static_cast<char>(std::toupper(c));
      const bool open = operation.contains("security") && operation["security"].empty();
      described.insert(method + " " + as_route(path) + (open ? " open" : ""));
    }
  }
  EXPECT_EQ(described, served);
}

TEST_F(OpenApi, EveryPartOfAPathIsDescribed) {
  for (const auto& [path, item] : file_.at("paths").items()) {
    std::set<std::string> named;
    for (const auto& parameter : item.value("parameters", json::array()))
      if (parameter.at("in") == "path") named.insert("{" + parameter.at("name").get<std::string>() + "}");
    const std::regex part("\\{[a-z]+\\}");
    const std::set<std::string> parts(std::sregex_token_iterator(path.begin(), path.end(), part),
                                      std::sregex_token_iterator());
    EXPECT_EQ(named, parts) << path;
  }
}

TEST_F(OpenApi, EveryReferenceLeadsSomewhereAndEverySchemaIsUsed) {
  std::set<std::string> used;
  const std::function<void(const json&)> walk = [&](const json& value) {
    if (value.is_object() && value.contains("$ref")) {
      const auto path = value["$ref"].get<std::string>().substr(1);
      EXPECT_TRUE(file_.contains(json::json_pointer(path))) << path;
      used.insert(path);
    }
    for (const auto& item : value) {
      if (item.is_structured()) walk(item);
    }
  };
  walk(file_);
  for (const auto& [name, schema] : file_["components"]["schemas"].items()) {
    EXPECT_TRUE(used.contains("/components/schemas/" + name)) << name << " is described and used nowhere";
  }
}

TEST_F(OpenApi, AnswersAreAsDescribed) {
  const auto hash = staging::chunk_hash("pixels");
  const auto hex = std::string("/v1/chunks/") + std::string(64, 'a');
  const auto job = R"({"script":"#!/bin/sh\n","resources":{"nodes":2},"environment":{"A":"b"}})";
  const auto expect = [this](const std::string& method, const std::string& path, const ProbeResponse& answer,
                             int status) {
    EXPECT_EQ(answer.status, status) << method << " " << path << ": " << answer.body.substr(0, 300);
    EXPECT_EQ(judge(method, path, answer), "") << method << " " << path << "\n" << answer.body.substr(0, 600);
  };
  expect("POST", "/v1/jobs", post("/v1/jobs", job), 201);
  expect("POST", "/v1/jobs", post("/v1/jobs", R"({"jobs":[)" + std::string(job) + "]}"), 201);
  expect("POST", "/v1/jobs", post("/v1/jobs?test_only=1", job), 200);
  expect("POST", "/v1/jobs", post("/v1/jobs", R"({"scrip":"x"})"), 400);
  expect("GET", "/v1/jobs", get("/v1/jobs"), 200);
  expect("GET", "/v1/jobs/{job}", get("/v1/jobs/1042"), 200);
  api_.finish(1042, 3);
  expect("GET", "/v1/jobs/{job}", get("/v1/jobs/1042"), 200);
  expect("GET", "/v1/jobs/{job}", get("/v1/jobs/7"), 404);
  expect("GET", "/v1/jobs/{job}/why", get("/v1/jobs/1042/why"), 200);
  for (const auto* act : {"cancel", "hold", "release", "rerun"}) {
    expect("POST", std::string("/v1/jobs/{job}/") + act, post(std::string("/v1/jobs/1043/") + act), 200);
  }
  api_.append_log("hello\n", true);
  expect("GET", "/v1/jobs/{job}/logs", get("/v1/jobs/1042/logs"), 200);
  api_.put_output({{{.path = "out", .kind = EntryKind::folder, .mode = 0755},
                    {.path = "out/latest", .kind = EntryKind::link, .target = "frame.png"},
                    {.path = "out/frame.png", .size_bytes = 6, .chunks = {hash}}}},
                  {{hash, staging::seal_chunk("pixels")}});
  expect("GET", "/v1/jobs/{job}/outputs", get("/v1/jobs/1042/outputs"), 200);
  expect("GET", "/v1/jobs/{job}/chunks/{hash}", get("/v1/jobs/1042/chunks/" + to_hex(hash.bytes.data(), 32)), 200);
  expect("POST", "/v1/chunks/missing", post("/v1/chunks/missing", R"({"hashes":[")" + std::string(64, 'a') + "\"]}"),
         200);
  expect("PUT", "/v1/chunks/{hash}", probe().ask("PUT", hex, "bytes"), 204);
  expect("POST", "/v1/policy/test", post("/v1/policy/test", R"({"from":"taihu","job":{"user":"ana"}})"), 200);
  expect("POST", "/v1/policy/test", post("/v1/policy/test", R"({"form":"taihu"})"), 400);
  expect("GET", "/v1/policy", get("/v1/policy"), 200);
  const auto token = post("/v1/tokens", R"({"user":"ana","role":"reader","expires_s":60})");
  expect("POST", "/v1/tokens", token, 201);
  expect("POST", "/v1/tokens", post("/v1/tokens", R"({"role":"reader"})"), 400);
  expect("GET", "/v1/tokens", get("/v1/tokens"), 200);
  const auto id = token.json()["id"].get<std::string>();
  expect("DELETE", "/v1/tokens/{id}", probe().ask("DELETE", "/v1/tokens/" + id), 200);
  expect("DELETE", "/v1/tokens/{id}", probe().ask("DELETE", "/v1/tokens/" + id), 404);
  expect("GET", "/v1/sites", get("/v1/sites"), 200);
  expect("GET", "/v1/capacity", get("/v1/capacity"), 200);
  expect("GET", "/v1/status", get("/v1/status"), 200);
  expect("POST", "/v1/jobs/{job}/rerun", post("/v1/jobs/1042/rerun"), 200);
  expect("POST", "/v1/sites/{site}/forget", post("/v1/sites/suzhou/forget"), 200);
  expect("POST", "/v1/sites/{site}/forget", post("/v1/sites/taihu/forget"), 409);
  expect("POST", "/v1/sites/{site}/adopt", post("/v1/sites/suzhou/adopt"), 200);
  expect("POST", "/v1/sites/{site}/entrust", post("/v1/sites/suzhou/entrust?custodian=taihu"), 200);
  expect("POST", "/v1/sites/{site}/entrust", post("/v1/sites/suzhou/entrust"), 400);
  expect("POST", "/v1/site/drain", post("/v1/site/drain"), 200);
  expect("POST", "/v1/site/resume", post("/v1/site/resume"), 200);
  expect("POST", "/v1/site/rotate-key", post("/v1/site/rotate-key"), 200);
  expect("GET", "/v1/federation", get("/v1/federation"), 200);
  expect("POST", "/v1/federation", post("/v1/federation", R"({"name":"east-china"})"), 200);
  expect("POST", "/v1/federation/join", post("/v1/federation/join", R"({"line":"hansa-join-1.x"})"), 200);
  expect("POST", "/v1/federation/join", post("/v1/federation/join"), 400);
  expect("POST", "/v1/federation/leave", post("/v1/federation/leave", R"({"at_once":true})"), 200);
  expect("POST", "/v1/federation/invitations",
         post("/v1/federation/invitations", R"({"site":"taihu","region":"cn","valid_s":60,"sponsor":true})"), 201);
  expect("POST", "/v1/federation/invitations", post("/v1/federation/invitations", R"({"valid_s":0})"), 400);
  const auto withdraw = "/v1/federation/invitations/" + std::string(32, 'a') + "/withdraw";
  expect("POST", "/v1/federation/invitations/{invitation}/withdraw", post(withdraw), 200);
  expect("POST", "/v1/sites/{site}/ban", post("/v1/sites/taihu/ban", R"({"lift":true})"), 200);
  expect("POST", "/v1/sites/{site}/evict", post("/v1/sites/taihu/evict", R"({"subtree":true,"reason":"harm"})"), 200);
  expect("POST", "/v1/sites/{site}/evict", post("/v1/sites/taihu/evict", R"({"everybody":true})"), 400);
  expect("GET", "/v1/sites/{site}/check", get("/v1/sites/taihu/check"), 200);
  expect("GET", "/v1/version", get("/v1/version"), 200);
  expect("GET", "/metrics", get("/metrics"), 200);
  expect("GET", "/healthz", get("/healthz"), 200);
  expect("GET", "/readyz", get("/readyz"), 200);
  api_.set_ready(false);
  expect("GET", "/readyz", get("/readyz"), 503);
}

TEST_F(OpenApi, EventsAreAsDescribed) {
  auto listener = probe();
  listener.send("GET /v1/events?after=0 HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(listener.read_until(":\n\n"));
  gateway_->publish(
      {.kind = "job_placed", .at = WallTime{1'772'354'096'125}, .job = "wujiang-1042", .site = {"taihu"}});
  ASSERT_TRUE(listener.read_until("}\n\n"));
  const auto data = listener.read().substr(listener.read().find("data: ") + 6);
  const auto& schemas = file_["components"]["schemas"];
  EXPECT_EQ(Schemas(file_).check(schemas["Event"], json::parse(data.substr(0, data.find('\n')))), "");
}

// A field of another type is refused for its type; only an unknown one for being unknown.
TEST_F(OpenApi, TheFieldsOfAJobAreThoseThatAreRead) {
  const auto is_read = [this](const json& job) {
    const auto answer = post("/v1/jobs?test_only=1", job.dump());
    return answer.body.find("has an unknown field") == std::string::npos;
  };
  const auto& schemas = file_["components"]["schemas"];
  for (const auto& [name, schema] : schemas["JobForm"]["properties"].items()) {
    EXPECT_TRUE(is_read({{name, json::array({1})}})) << name;
  }
  for (const auto& [name, schema] : schemas["Resources"]["properties"].items()) {
    EXPECT_TRUE(is_read({{"resources", {{name, json::object()}}}})) << name;
  }
  for (const auto& [name, schema] : schemas["Placement"]["properties"].items()) {
    EXPECT_TRUE(is_read({{"placement", {{name, json::object()}}}})) << name;
  }
  EXPECT_FALSE(is_read({{"priority", 1}}));
  std::set<std::string> described;
  for (const auto& [name, schema] : schemas["JobForm"]["properties"].items()) described.insert(name);
  const auto known = gateway::job_field_names();
  EXPECT_EQ(described, std::set<std::string>(known.begin(), known.end()));
}

}  // namespace
}  // namespace hansa
