#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "src/gateway/json_job.hpp"
#include "src/gateway/json_manifest.hpp"

namespace hansa::gateway {
namespace {

JobFormContext context() {
  JobFormContext context{.site = {"wujiang"}, .caller = {.user = "ann"}};
  context.store.bytes[3] = 9;
  return context;
}

std::string complaint(const std::string& text, JobFormContext of = context()) {
  auto job = parse_job(text, of);
  return job ? "" : job.error().text;
}

TEST(JobForm, EveryFieldIsRead) {
  const auto job = parse_job(R"({
    "name": "train", "resources": {"nodes": 2, "accelerators_per_node": 8, "cores_per_node": 16,
      "memory_bytes_per_node": 1073741825, "pflops": 1.5, "models": ["a100", "h800"], "labels": ["cuda>=12"],
      "time_limit_s": 7200, "exclusive": true, "pools": ["debug"]},
    "placement": {"prefer": "cheapest", "region": "cn/east", "within_s": 0.01, "sites": ["taihu"],
      "exclude": ["gcl"]},
    "on_partition": "rerun", "lease_s": 600, "requeue": true, "checkpoint": "ckpt/last",
    "dependencies": [{"kind": "afterok", "job": "wujiang-7"}, {"kind": "afterany", "job": "8_2"}, {"kind": "singleton"}],
    "array": "1-3%2", "held": true, "idempotency_key": "k", "script": "#!/bin/sh\n", "arguments": ["a", "b c"],
    "environment": {"X": "1"}, "inputs": {"entries": [{"path": "d", "kind": "folder", "mode": "0755"}]},
    "workdir": "d", "outputs": ["*.png"], "stdout_path": "o", "stderr_path": "e", "passed_through": {"qos": "high"}
  })",
                             context());
  ASSERT_TRUE(job.ok()) << job.error().text;
  const auto& request = job->request;
  EXPECT_EQ(request.name, "train");
  EXPECT_EQ(request.user, "ann");
  EXPECT_EQ(request.resources.nodes, 2u);
  EXPECT_EQ(request.resources.per_node, (NodeResources{.accelerators = 8, .cores = 16, .memory_mib = 1025}));
  EXPECT_EQ(request.resources.models, (std::vector<std::string>{"a100", "h800"}));
  EXPECT_EQ(request.resources.time_limit, std::chrono::hours(2));
  EXPECT_TRUE(request.resources.exclusive);
  EXPECT_EQ(request.resources.pools, std::vector<std::string>{"debug"});
  EXPECT_EQ(request.wishes.prefer, Prefer::cheapest);
  EXPECT_EQ(request.wishes.within, std::chrono::milliseconds(10));
  EXPECT_EQ(request.wishes.sites, (std::vector<SiteName>{{"taihu"}}));
  EXPECT_EQ(request.wishes.excluded, (std::vector<SiteName>{{"gcl"}}));
  EXPECT_EQ(request.on_partition, OnPartition::rerun);
  EXPECT_EQ(request.lease, std::chrono::minutes(10));
  EXPECT_TRUE(request.requeue);
  EXPECT_EQ(request.checkpoint, "ckpt/last");
  ASSERT_EQ(request.dependencies.size(), 3u);
  EXPECT_EQ(request.dependencies[0].job, (JobId{.store = context().store, .number = 7}));
  EXPECT_EQ(request.dependencies[1].job, (JobId{.store = context().store, .number = 8, .task = 2}));
  EXPECT_EQ(request.dependencies[2].kind, DependencyKind::singleton);
  EXPECT_EQ(job->array.tasks.size(), 3u);
  EXPECT_EQ(job->array.parallel_max, 2u);
  EXPECT_TRUE(job->held);
  EXPECT_EQ(job->idempotency_key, "k");
  EXPECT_EQ(job->payload.arguments, (std::vector<std::string>{"a", "b c"}));
  EXPECT_EQ(job->payload.environment.at("X"), "1");
  EXPECT_EQ(job->payload.inputs.entries.at(0).mode, 0755u);
  EXPECT_EQ(job->payload.passed_through.at("qos"), "high");
}

TEST(JobForm, AMisspeltFieldIsNamedRatherThanDropped) {
  EXPECT_EQ(complaint(R"({"script":"x","nmae":"y"})"), "job has an unknown field 'nmae'");
  EXPECT_EQ(complaint(R"({"script":"x","resources":{"gpus":1}})"), "job: resources has an unknown field 'gpus'");
}

TEST(JobForm, AValueOfTheWrongKindIsNamedWithWhatIsWanted) {
  for (const auto* text : {R"({"script":1})",
                           R"({"script":"x","resources":{"nodes":-1}})",
                           R"({"script":"x","resources":{"nodes":1.5}})",
                           R"({"script":"x","resources":{"nodes":0}})",
                           R"({"script":"x","resources":{"time_limit_s":0}})",
                           R"({"script":"x","resources":{"time_limit_s":1e99}})",
                           R"({"script":"x","resources":{"cores_per_node":0}})",
                           R"({"script":"x","placement":{"prefer":"best"}})",
                           R"({"script":"x","placement":{"sites":["Not A Site"]}})",
                           R"({"script":"x","array":"9-1"})",
                           R"({"script":"x","dependencies":[{"kind":"before","job":"1"}]})",
                           R"({"script":"x","dependencies":[{"kind":"afterok","job":"taihu-1"}]})",
                           R"({"script":"x","environment":{"A=B":"1"}})",
                           R"({"script":"x\u0000y"})",
                           R"({"script":"x","name":"a\u001b[31m"})",
                           R"({"script":"x","inputs":{"entries":[{"path":"f","size_bytes":5}]}})",
                           R"([])",
                           R"(1)",
                           R"({})",
                           "not json"}) {
    EXPECT_NE(complaint(text), "") << text;
  }
}

TEST(JobForm, OnlyAnOperatorSubmitsInAnothersName) {
  auto operators = context();
  operators.caller.is_operator = true;
  const auto job = parse_job(R"({"script":"x","user":"bob"})", operators);
  ASSERT_TRUE(job.ok());
  EXPECT_EQ(job->request.user, "bob");
  EXPECT_NE(complaint(R"({"script":"x","user":"bob"})"), "");
  EXPECT_EQ(complaint(R"({"script":"x","user":"ann"})"), "");
}

TEST(JobForm, ABareNumberIsAJobOfThisSite) {
  EXPECT_EQ(read_job_name("1042", {"wujiang"})->site.value, "wujiang");
  EXPECT_EQ(read_job_name("1042_7", {"wujiang"})->task, 7);
  EXPECT_EQ(read_job_name("taihu-3", {"wujiang"})->site.value, "taihu");
  EXPECT_FALSE(read_job_name("", {"wujiang"}).ok());
}

TEST(Manifests, SurviveTheWayThroughJson) {
  Manifest manifest;
  manifest.entries.push_back({.path = "a/b", .mode = 0640, .size_bytes = chunk_bytes_max + 1, .chunks = {{}, {}}});
  manifest.entries[0].chunks[1].bytes[31] = 0xab;
  manifest.entries.push_back({.path = "a", .kind = EntryKind::folder, .mode = 0755});
  manifest.entries.push_back({.path = "l", .kind = EntryKind::link, .mode = 0777, .target = "a/b"});
  const auto read = read_manifest(nlohmann::json::parse(manifest_json(manifest).dump()));
  ASSERT_TRUE(read.ok()) << read.error().text;
  EXPECT_EQ(*read, manifest);
}

TEST(Manifests, AnEntryThatMakesNoSenseIsRefusedByName) {
  for (const auto* entry :
       {R"({})", R"({"path":""})", R"({"path":"f","kind":"pipe"})", R"({"path":"f","mode":"4755"})",
        R"({"path":"f","mode":"9"})", R"({"path":"f","size_bytes":1})", R"({"path":"f","size_bytes":-1})",
        R"({"path":"f","chunks":["zz"]})", R"({"path":"f","surprise":1})", R"(7)"}) {
    EXPECT_FALSE(read_manifest(nlohmann::json{{"entries", {nlohmann::json::parse(entry)}}}).ok()) << entry;
  }
}

}  // namespace
}  // namespace hansa::gateway
