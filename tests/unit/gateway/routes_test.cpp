#include <pwd.h>

#include "protocol/wire/codec.hpp"
#include "tests/unit/gateway/gateway_fixture.hpp"

namespace hansa {
namespace {

using Routes = GatewayTest;

std::string my_name() {
  const auto* entry = getpwuid(geteuid());
  return entry ? entry->pw_name : "uid-" + std::to_string(geteuid());
}

TEST_F(Routes, ASubmissionIsAnsweredWithItsId) {
  start();
  const auto response = post("/v1/jobs", small_job);
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.body, R"({"id":"wujiang-1042","number":1042})");
  const auto jobs = api_.submissions();
  ASSERT_EQ(jobs.size(), 1u);
  EXPECT_EQ(jobs[0].request->name, "hello");
  EXPECT_EQ(jobs[0].request->user, my_name());
  const auto payload = decode<JobPayload>(*jobs[0].payload);
  ASSERT_TRUE(payload.ok());
  EXPECT_EQ(payload->script, "#!/bin/sh\necho hi\n");
}

TEST_F(Routes, WhoConnectsIsWhoTheKernelSays) {
  start();
  post("/v1/jobs", small_job);
  EXPECT_EQ(api_.last_caller()->user, my_name());
  EXPECT_TRUE(api_.last_caller()->is_operator);  // the tests run as the gateway's own user
}

TEST_F(Routes, TheSameIdempotencyKeyIsTheSameJob) {
  start();
  const auto first = post("/v1/jobs", small_job, "Idempotency-Key: once\r\n");
  const auto again = post("/v1/jobs", small_job, "Idempotency-Key: once\r\n");
  const auto by_field = post("/v1/jobs", R"({"script":"x","idempotency_key":"once"})");
  EXPECT_EQ(first.body, again.body);
  EXPECT_EQ(first.body, by_field.body);
  EXPECT_EQ(api_.submissions().size(), 1u);
}

TEST_F(Routes, JsonLinesAreManyJobs) {
  start();
  const auto response = post("/v1/jobs", small_job + "\n\n" + small_job + "\r\n" + small_job,
                             "Content-Type: application/x-ndjson\r\nIdempotency-Key: bulk\r\n");
  EXPECT_EQ(response.status, 201);
  ASSERT_EQ(response.json()["jobs"].size(), 3u);
  EXPECT_EQ(response.json()["jobs"][2]["id"], "wujiang-1044");
  EXPECT_EQ(api_.submissions()[2].idempotency_key, "bulk/2");
}

TEST_F(Routes, AListOfJobsIsManyJobs) {
  start();
  const auto response = post("/v1/jobs", R"({"jobs":[)" + small_job + "," + small_job + "]}");
  EXPECT_EQ(response.json()["jobs"].size(), 2u);
}

TEST_F(Routes, OneBadJobOfManyRefusesThemAllAndIsNamed) {
  start();
  const auto response = post("/v1/jobs", small_job + "\n{\"nonsense\":1}\n", "Content-Type: application/x-ndjson\r\n");
  EXPECT_EQ(response.status, 400);
  EXPECT_NE(response.json()["detail"].get<std::string>().find("job 2 of the request"), std::string::npos);
  EXPECT_EQ(api_.calls(), 0u);
}

TEST_F(Routes, ATestOnlySubmissionBringsBidsAndNoJob) {
  start();
  const auto response = post("/v1/jobs?test_only=1", small_job);
  EXPECT_EQ(response.status, 200);
  const auto quotes = response.json()["quotes"];
  ASSERT_EQ(quotes.size(), 2u);
  EXPECT_EQ(quotes[0]["start_s"], 3.0);
  EXPECT_EQ(quotes[0]["chosen"], true);
  EXPECT_EQ(quotes[1]["reason"], "never fits");
  EXPECT_TRUE(api_.submissions().empty());
}

TEST_F(Routes, BadJsonIsAProblemInWords) {
  start();
  const auto response = post("/v1/jobs", "{");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.headers.at("content-type"), "application/problem+json");
  const auto problem = response.json();
  EXPECT_EQ(problem["status"], 400);
  EXPECT_EQ(problem["kind"], "usage");
  EXPECT_EQ(problem["type"], "urn:hansa:problem:usage");
  EXPECT_FALSE(problem["detail"].get<std::string>().empty());
}

TEST_F(Routes, DeeplyNestedJsonIsRefusedAndHarmsNobody) {
  start();
  EXPECT_EQ(post("/v1/jobs", std::string(1'000'000, '[')).status, 400);
  EXPECT_EQ(post("/v1/jobs", R"({"script":)" + std::string(100'000, '[') + std::string(100'000, ']') + "}").status,
            400);
  EXPECT_EQ(get("/healthz").status, 200);
}

TEST_F(Routes, AJobIsShownWithItsStableFields) {
  start();
  post("/v1/jobs", small_job);
  const auto job = get("/v1/jobs/wujiang-1042").json();
  for (const auto* field :
       {"id",        "number",  "task",          "name",           "user",      "state",        "reason",
        "origin",    "host",    "host_is_final", "where",          "resources", "time_limit_s", "epoch",
        "submitted", "started", "ended",         "expected_start", "age_s",     "outputs_home", "array_tasks_waiting",
        "outcome"}) {
    EXPECT_TRUE(job.contains(field)) << field;
  }
  EXPECT_EQ(job.size(), 22u);
  EXPECT_EQ(job["id"], "wujiang-1042");
  EXPECT_EQ(job["submitted"], "2026-03-01T08:34:56.125Z");
  EXPECT_EQ(job["started"], nullptr);
  EXPECT_EQ(job["time_limit_s"], 3600.0);
  api_.finish(1042, 3);
  const auto outcome = get("/v1/jobs/1042").json()["outcome"];
  EXPECT_EQ(outcome["exit_code"], 3);
  EXPECT_EQ(outcome["elapsed_s"], 61.0);
  EXPECT_EQ(outcome["outputs"], nullptr);
}

TEST_F(Routes, AnUnknownJobIsNotFound) {
  start();
  for (const auto* target :
       {"/v1/jobs/wujiang-9", "/v1/jobs/wujiang-9/why", "/v1/jobs/wujiang-9/logs", "/v1/jobs/wujiang-9/outputs"}) {
    const auto response = get(target);
    EXPECT_EQ(response.status, 404) << target;
    EXPECT_EQ(response.json()["kind"], "not_found");
  }
  EXPECT_EQ(post("/v1/jobs/wujiang-9/cancel").status, 404);
  EXPECT_EQ(get("/v1/jobs/no%20job").status, 400);
}

TEST_F(Routes, ALongPollIsAnsweredWhenTheJobIsFinal) {
  start();
  post("/v1/jobs", small_job);
  auto waiting = probe();
  waiting.send("GET /v1/jobs/wujiang-1042?wait=60 HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(get("/v1/jobs/wujiang-1042").json()["state"], "PENDING");
  while (api_.calls() < 3) std::this_thread::yield();
  api_.finish(1042, 0);
  EXPECT_EQ(waiting.response().json()["state"], "COMPLETED");
}

TEST_F(Routes, FiltersOfAListReachTheDaemon) {
  start();
  post("/v1/jobs", small_job);
  const auto list =
      get("/v1/jobs?user=ann&name=x&state=PENDING,RUNNING&state=FAILED&history=1&limit=7&after=3&guests=0").json();
  EXPECT_EQ(list["jobs"].size(), 0u);
  const auto call = api_.last_list();
  EXPECT_EQ(call->user, "ann");
  EXPECT_EQ(call->name, "x");
  EXPECT_EQ(call->states, (std::vector<std::string>{"PENDING", "RUNNING", "FAILED"}));
  EXPECT_TRUE(call->history);
  EXPECT_FALSE(call->guests);
  EXPECT_EQ(call->limit, 7u);
  EXPECT_EQ(call->after, 3u);
  EXPECT_EQ(get("/v1/jobs").json()["total"], 1);
  EXPECT_EQ(call->after_task, std::nullopt);
  for (const auto* bad : {"limit=x", "limit=0", "limit=100000", "after=-1", "limit=", "after=1042_x", "after=1042_-1",
                          "after=_7", "number=x"}) {
    EXPECT_EQ(get("/v1/jobs?" + std::string(bad)).status, 400) << bad;
  }
}

TEST_F(Routes, APageMayEndWithinAnArray) {
  start();
  post("/v1/jobs", small_job);
  for (const int task : {0, 1, 2}) api_.split_off(1042, task);
  post("/v1/jobs", small_job);
  const auto ids = [this](const std::string& query) {
    std::string found;
    const auto list = get("/v1/jobs?" + query).json();
    for (const auto& job : list["jobs"]) found += job["id"].get<std::string>() + " ";
    return found;
  };
  EXPECT_EQ(ids("limit=2"), "wujiang-1042 wujiang-1042_0 ");
  EXPECT_EQ(ids("limit=2&after=1042_0"), "wujiang-1042_1 wujiang-1042_2 ");
  EXPECT_EQ(ids("after=1042_2"), "wujiang-1043 ");
  EXPECT_EQ(ids("limit=1&after=1042_"), "wujiang-1042_0 ");
  EXPECT_EQ(ids("after=1042"), "wujiang-1043 ");
  EXPECT_EQ(ids("number=1043"), "wujiang-1043 ");
  EXPECT_EQ(ids("number=1042&after=1042_1"), "wujiang-1042_2 ");
}

TEST_F(Routes, ActsReachTheDaemonByName) {
  start();
  post("/v1/jobs", small_job);
  for (const auto* act : {"cancel", "hold", "release", "rerun"}) {
    EXPECT_EQ(post("/v1/jobs/wujiang-1042/" + std::string(act)).status, 200) << act;
  }
  const auto acts = api_.acts();
  ASSERT_EQ(acts.size(), 4u);
  EXPECT_EQ(acts[0].act, JobAct::cancel);
  EXPECT_EQ(acts[1].act, JobAct::hold);
  EXPECT_EQ(acts[2].act, JobAct::release);
  EXPECT_EQ(acts[3].act, JobAct::rerun);
  EXPECT_EQ(acts[3].job, (JobName{.site = {"wujiang"}, .number = 1042}));
}

TEST_F(Routes, WhyCarriesTheNoteAsJsonOrAsText) {
  start();
  post("/v1/jobs", small_job);
  EXPECT_EQ(get("/v1/jobs/1042/why").json()["note"]["how"], "fastest");
  api_.set_note("plain words");
  EXPECT_EQ(get("/v1/jobs/1042/why").json()["note"], "plain words");
  api_.set_note("");
  EXPECT_EQ(get("/v1/jobs/1042/why").json()["note"], nullptr);
}

TEST_F(Routes, SitesAndCapacitySayHowOldTheirNewsIs) {
  start();
  const auto sites = get("/v1/sites").json()["sites"];
  ASSERT_EQ(sites.size(), 2u);
  EXPECT_EQ(sites[0]["self"], true);
  EXPECT_EQ(sites[0]["rtt_s"], nullptr);
  EXPECT_EQ(sites[1]["age_s"], 1.5);
  EXPECT_EQ(sites[1]["rtt_s"], 0.012);
  EXPECT_EQ(sites[1]["pools"][0]["units_free"], 3);
  const auto capacity = get("/v1/capacity").json();
  EXPECT_EQ(capacity["models"][0]["units"], 32);
  EXPECT_EQ(capacity["models"][0]["units_free"], 19);
  EXPECT_EQ(capacity["pools"][1]["site"], "taihu");
  EXPECT_EQ(capacity["pools"][1]["age_s"], 1.5);
}

TEST_F(Routes, TheSiteSaysHowItIs) {
  start();
  EXPECT_EQ(get("/v1/status").json()["backend"], "fake");
  EXPECT_EQ(get("/v1/version").json()["version"], "0.1.0");
  EXPECT_EQ(get("/v1/version").json()["protocol"]["newest"], 2);
  EXPECT_EQ(get("/healthz").body, "ok\n");
  EXPECT_EQ(get("/readyz").status, 200);
  api_.set_ready(false);
  EXPECT_EQ(get("/readyz").status, 503);
  EXPECT_NE(get("/readyz").body.find("journal"), std::string::npos);
  const auto metrics = get("/metrics").body;
  EXPECT_NE(metrics.find("hansa_fake_total 7\n"), std::string::npos);
  EXPECT_NE(metrics.find("hansa_gateway_requests_total "), std::string::npos);
}

TEST_F(Routes, MetricsTellWhatTheSiteCounts) {
  start();
  post("/v1/jobs", small_job);
  const auto metrics = get("/metrics");
  EXPECT_EQ(metrics.headers.at("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  for (const auto* line :
       {"# TYPE hansa_jobs gauge\n", "hansa_jobs{state=\"PENDING\"} 1\n", "hansa_jobs{state=\"RUNNING\"} 0\n",
        "hansa_queue_length 3\n", "hansa_ready 1\n", "# TYPE hansa_messages_sent_total counter\n",
        "hansa_messages_sent_total{message=\"Bid\"} 5\n", "hansa_events_total{kind=\"job_submitted\"} 2\n",
        "hansa_events_total{kind=\"site_failed\"} 0\n", "hansa_build_info{version=\"0.1.0\"} 1\n"}) {
    EXPECT_NE(metrics.body.find(line), std::string::npos) << line << "\n" << metrics.body;
  }
}

TEST_F(Routes, MetricsOfTheRestAreThereWhenTheBrainGivesNone) {
  start();
  api_.refuse_next(unreachable("the daemon is just starting"));
  const auto metrics = get("/metrics");
  EXPECT_EQ(metrics.status, 200);
  EXPECT_NE(metrics.body.find("hansa_fake_total 7\n"), std::string::npos);
  EXPECT_EQ(metrics.body.find("hansa_jobs"), std::string::npos);
}

TEST_F(Routes, DrainAndResumeAreTheOperators) {
  start();
  EXPECT_EQ(post("/v1/site/drain").status, 200);
  EXPECT_EQ(post("/v1/site/resume").status, 200);
  EXPECT_EQ(api_.calls(), 2u);
}

TEST_F(Routes, TheKindOfAnErrorIsItsStatus) {
  start();
  const std::pair<Error, int> cases[] = {{usage_error("a"), 400},   {refusal("b"), 409},    {not_found("c"), 404},
                                         {unreachable("d"), 503},   {overloaded("e"), 429}, {corrupt("f"), 500},
                                         {internal_error("g"), 500}};
  for (const auto& [error, status] : cases) {
    api_.refuse_next(error);
    const auto response = get("/v1/status");
    EXPECT_EQ(response.status, status);
    EXPECT_EQ(response.json()["detail"], error.text);
    EXPECT_EQ(response.headers.contains("retry-after"), status == 429 || status == 503);
  }
}

TEST_F(Routes, ConnectionsAreKeptAndPipelinedRequestsAnsweredInOrder) {
  start();
  auto one = probe();
  EXPECT_EQ(one.ask("POST", "/v1/jobs", small_job).status, 201);
  EXPECT_EQ(one.ask("GET", "/v1/jobs/1042").json()["id"], "wujiang-1042");
  one.send("GET /v1/jobs/1042 HTTP/1.1\r\nHost: h\r\n\r\nGET /healthz HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(one.response().json()["id"], "wujiang-1042");
  EXPECT_EQ(one.response().body, "ok\n");
  const auto head = one.ask("HEAD", "/v1/jobs/1042");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(one.ask("GET", "/healthz", "", "Connection: close\r\n").headers.at("connection"), "close");
  EXPECT_TRUE(one.ends());
}

TEST_F(Routes, ABodyMayBeAnnouncedOrComeInPieces) {
  start();
  auto announced = probe();
  announced.send("POST /v1/jobs HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: " +
                 std::to_string(small_job.size()) + "\r\n\r\n");
  ASSERT_TRUE(announced.read_until("100 Continue"));
  announced.send(small_job);
  EXPECT_EQ(announced.response().status, 201);
  auto chunked = probe();
  chunked.send("POST /v1/jobs HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n" +
               [] {
                 char size[16];
                 std::snprintf(size, sizeof size, "%zx", small_job.size() - 1);
                 return std::string(size);
               }() +
               "\r\n" + small_job.substr(1) + "\r\n0\r\n\r\n");
  EXPECT_EQ(chunked.response().status, 201);
}

TEST_F(Routes, TcpWantsTheTokenAndMakesItsHolderAnOperator) {
  start();
  const auto bearer = "Authorization: Bearer " + test_token + "\r\n";
  EXPECT_EQ(tcp_probe().ask("GET", "/v1/status", "", bearer).status, 200);
  EXPECT_EQ(api_.last_caller()->user, "operator");
  EXPECT_TRUE(api_.last_caller()->is_operator);
  for (const std::string wrong : {"", "Authorization: Bearer wrong\r\n", "Authorization: Basic xyz\r\n"}) {
    const auto refused = tcp_probe().ask("GET", "/v1/status", "", wrong);
    EXPECT_EQ(refused.status, 401);
    EXPECT_TRUE(refused.headers.contains("www-authenticate"));
  }
  EXPECT_EQ(tcp_probe().ask("POST", "/v1/jobs", small_job).status, 401);
  EXPECT_EQ(tcp_probe().ask("GET", "/v1/events").status, 401);
  EXPECT_EQ(tcp_probe().ask("GET", "/healthz").status, 200);
  EXPECT_EQ(tcp_probe().ask("GET", "/metrics").status, 200);
}

}  // namespace
}  // namespace hansa
