#include "tests/unit/gateway/gateway_fixture.hpp"

namespace hansa {
namespace {

using Files = GatewayTest;

const std::string hash_a(64, 'a');
const std::string hash_b = std::string(63, '0') + "b";

ContentHash hash_of_a() {
  ContentHash hash;
  hash.bytes.fill(0xaa);
  return hash;
}

TEST_F(Files, ChunksAreAskedForThenSent) {
  start();
  const auto ask = R"({"hashes":[")" + hash_a + R"(",")" + hash_b + R"("]})";
  EXPECT_EQ(post("/v1/chunks/missing", ask).json()["missing"].size(), 2u);
  auto sender = probe();
  const auto stored = sender.ask("PUT", "/v1/chunks/" + hash_a, std::string(5u << 20, 'z'));
  EXPECT_EQ(stored.status, 204);
  EXPECT_FALSE(stored.headers.contains("content-length"));
  EXPECT_EQ(sender.ask("GET", "/healthz").status, 200);  // the connection goes on after 204
  EXPECT_EQ(post("/v1/chunks/missing", ask).json()["missing"], nlohmann::json({hash_b}));
  EXPECT_EQ(api_.stored_chunks(), (std::set<ContentHash>{hash_of_a()}));
}

TEST_F(Files, ChunksThatMakeNoSenseAreRefused) {
  start();
  EXPECT_EQ(probe().ask("PUT", "/v1/chunks/xyz", "data").status, 400);
  EXPECT_EQ(probe().ask("PUT", "/v1/chunks/" + hash_a, "not what its name says").status, 400);
  EXPECT_EQ(probe().ask("PUT", "/v1/chunks/" + hash_a, std::string(7u << 20, 'z')).status, 413);
  EXPECT_EQ(post("/v1/chunks/missing", R"({"hashes":[1]})").status, 400);
  EXPECT_EQ(post("/v1/chunks/missing", R"([])").status, 400);
  EXPECT_EQ(post("/v1/chunks/missing", R"({"hashes":["zz"]})").status, 400);
}

TEST_F(Files, OutputsAreAManifestAndItsChunks) {
  start();
  post("/v1/jobs", small_job);
  api_.put_output({{{.path = "frame.png", .size_bytes = 3, .chunks = {hash_of_a()}}}},
                  {{hash_of_a(), std::string("\0zs", 3)}});
  const auto manifest = get("/v1/jobs/1042/outputs").json();
  EXPECT_EQ(manifest["size_bytes"], 3);
  EXPECT_EQ(manifest["entries"][0]["path"], "frame.png");
  EXPECT_EQ(manifest["entries"][0]["chunks"][0], hash_a);
  const auto chunk = get("/v1/jobs/1042/chunks/" + hash_a);
  EXPECT_EQ(chunk.body, std::string("\0zs", 3));
  EXPECT_EQ(get("/v1/jobs/1042/chunks/" + hash_b).status, 404);
  EXPECT_EQ(get("/v1/jobs/1042/chunks/zz").status, 400);
}

TEST_F(Files, LogsAreBytesWithTheirPlace) {
  start();
  post("/v1/jobs", small_job);
  api_.append_log("hello\n", false);
  const auto first = get("/v1/jobs/1042/logs");
  EXPECT_EQ(first.body, "hello\n");
  EXPECT_EQ(first.headers.at("x-hansa-offset"), "0");
  EXPECT_EQ(first.headers.at("x-hansa-complete"), "false");
  auto follower = probe();
  follower.send("GET /v1/jobs/1042/logs?stream=stdout&offset=6&wait=60 HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(get("/v1/jobs/1042/logs?stream=stderr").headers.at("x-hansa-complete"), "true");
  api_.append_log(std::string("\0world", 6), true);
  const auto rest = follower.response();
  EXPECT_EQ(rest.body, std::string("\0world", 6));
  EXPECT_EQ(rest.headers.at("x-hansa-offset"), "6");
  EXPECT_EQ(rest.headers.at("x-hansa-complete"), "true");
  for (const auto* bad : {"stream=both", "offset=x", "offset=-1", "wait=long", "wait=-1"}) {
    EXPECT_EQ(get("/v1/jobs/1042/logs?" + std::string(bad)).status, 400) << bad;
  }
}

}  // namespace
}  // namespace hansa
