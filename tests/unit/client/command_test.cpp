#include <sstream>

#include "protocol/wire/codec.hpp"
#include "src/client/table.hpp"
#include "tests/unit/client/command_fixture.hpp"

namespace hansa {
namespace {

using Command = CommandTest;

TEST_F(Command, ASubmissionIsPrintedAsSlurmDoes) {
  write("train.sh", "#!/bin/sh\n#SBATCH --gpus=8 -N2\n#HANSA --region cn/east\necho hi\n");
  const auto ran = hansa({"submit", "--time", "2h", "train.sh", "a", "--b"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out, "Submitted batch job wujiang-1042\n");
  EXPECT_EQ(ran.err, "");
  const auto jobs = api_.submissions();
  ASSERT_EQ(jobs.size(), 1u);
  const auto& request = *jobs[0].request;
  EXPECT_EQ(request.name, "train.sh");
  EXPECT_EQ(request.resources.nodes, 2u);
  EXPECT_EQ(request.resources.per_node.accelerators, 4u);
  EXPECT_EQ(request.resources.time_limit, std::chrono::hours(2));
  EXPECT_EQ(request.wishes.region, "cn/east");
  EXPECT_EQ(jobs[0].idempotency_key.size(), 32u);
  const auto payload = decode<JobPayload>(*jobs[0].payload);
  ASSERT_TRUE(payload.ok());
  EXPECT_EQ(payload->arguments, (std::vector<std::string>{"a", "--b"}));
  EXPECT_EQ(payload->environment.count("HANSA_SOCKET"), 0u);
  EXPECT_EQ(payload->environment.at("PATH"), "/usr/bin:/bin");
}

TEST_F(Command, EveryWishOfTheCommandLineReachesTheDaemon) {
  const auto ran = hansa({"submit",
                          "--parsable",
                          "-J",
                          "x",
                          "--gpu",
                          "a100,h800",
                          "--gpus",
                          "2",
                          "-c",
                          "4",
                          "--mem",
                          "8G",
                          "--pflops",
                          "1.5",
                          "--label",
                          "cuda>=12",
                          "--within",
                          "10ms",
                          "--sites",
                          "taihu,gcl",
                          "-x",
                          "bad",
                          "--prefer",
                          "cheapest",
                          "--on-partition",
                          "rerun",
                          "--lease",
                          "10m",
                          "--requeue",
                          "--array",
                          "1-4%2",
                          "-d",
                          "afterok:1041,singleton",
                          "--hold",
                          "--export",
                          "NONE,A=1",
                          "--idempotency-key",
                          "k",
                          "--stdout",
                          "o",
                          "--",
                          "python",
                          "train.py"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out, "wujiang-1042\n");
  const auto job = api_.submissions().at(0);
  const auto& request = *job.request;
  EXPECT_EQ(request.resources.models, (std::vector<std::string>{"a100", "h800"}));
  EXPECT_EQ(request.resources.per_node, (NodeResources{.accelerators = 2, .cores = 4, .memory_mib = 8'192}));
  EXPECT_EQ(request.resources.pflops, 1.5);
  EXPECT_EQ(request.resources.labels, (std::vector<std::string>{"cuda>=12"}));
  EXPECT_EQ(request.wishes.within, std::chrono::milliseconds(10));
  EXPECT_EQ(request.wishes.sites.size(), 2u);
  EXPECT_EQ(request.wishes.excluded.size(), 1u);
  EXPECT_EQ(request.wishes.prefer, Prefer::cheapest);
  EXPECT_EQ(request.on_partition, OnPartition::rerun);
  EXPECT_EQ(request.lease, std::chrono::minutes(10));
  EXPECT_TRUE(request.requeue);
  EXPECT_EQ(request.dependencies.size(), 2u);
  EXPECT_EQ(job.array.tasks.size(), 4u);
  EXPECT_TRUE(job.held);
  EXPECT_EQ(job.idempotency_key, "k");
  const auto payload = decode<JobPayload>(*job.payload);
  EXPECT_EQ(payload->environment.at("A"), "1");
  EXPECT_FALSE(payload->environment.contains("PATH"));
  EXPECT_EQ(payload->arguments, (std::vector<std::string>{"python", "train.py"}));
  EXPECT_EQ(payload->stdout_path, "o");
}

TEST_F(Command, UnknownDirectivesAreNamedOnceAndPassedOn) {
  write("s.sh", "#!/bin/sh\n#SBATCH -p gpu --qos=high\n");
  const auto ran = hansa({"submit", "s.sh"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1);
  EXPECT_NE(ran.err.find("only hosts that run Slurm may heed --qos=high"), std::string::npos);
  EXPECT_EQ(api_.submissions().at(0).request->resources.pools, std::vector<std::string>{"gpu"});
  EXPECT_EQ(decode<JobPayload>(*api_.submissions().at(0).payload)->passed_through.at("qos"), "high");
}

TEST_F(Command, AWrappedLineBecomesAScript) {
  EXPECT_EQ(hansa({"submit", "--wrap=echo hi"}).code, 0);
  EXPECT_EQ(decode<JobPayload>(*api_.submissions().at(0).payload)->script, "#!/bin/sh\necho hi\n");
}

TEST_F(Command, WhatIsWrongWithASubmissionIsAUsageError) {
  write("no-interpreter", "echo hi\n");
  write("bad-bytes.sh", "#!/bin/sh\necho \xff\n");
  const std::vector<std::vector<std::string>> wrong = {{"submit"},
                                                       {"submit", "missing.sh"},
                                                       {"submit", "no-interpreter"},
                                                       {"submit", "bad-bytes.sh"},
                                                       {"submit", "--time", "never", "--wrap=x"},
                                                       {"submit", "--gpus", "3", "-N2", "--wrap=x"},
                                                       {"submit", "--array", "3-1", "--wrap=x"},
                                                       {"submit", "--wrap=x", "script"},
                                                       {"submit", "--nonsense", "--wrap=x"},
                                                       {"frobnicate"},
                                                       {},
                                                       {"job"},
                                                       {"queue", "--limit", "x"},
                                                       {"submit", "--sites", "NOT A SITE", "--wrap=x"},
                                                       {"cancel"},
                                                       {"init"}};
  for (const auto& words : wrong) {
    const auto ran = hansa(words);
    EXPECT_EQ(ran.code, 2) << testing::PrintToString(words) << ran.err;
    if (!words.empty()) {
      EXPECT_EQ(ran.err.find("hansa: "), 0u) << ran.err;
      EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1) << ran.err;
    }
  }
  EXPECT_TRUE(api_.submissions().empty());
}

TEST_F(Command, ARefusalExitsWithOneAndNobodyThereWith69) {
  api_.refuse_next(refusal("no site could ever hold 4096 accelerators"));
  const auto refused = hansa({"submit", "--wrap=x"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_EQ(refused.err, "hansa: no site could ever hold 4096 accelerators\n");
  EXPECT_EQ(hansa({"job", "wujiang-7"}).code, 1);
  gateway_.reset();
  const auto gone = hansa({"queue"});
  EXPECT_EQ(gone.code, 69);
  EXPECT_NE(gone.err.find("start hansad"), std::string::npos);
}

TEST_F(Command, WaitExitsWithTheJobsCode) {
  auto submitted = spawn({"submit", "--wait", "--wrap=exit 3"});
  until([&] { return api_.calls() >= 2; });
  api_.finish(1042, 3);
  const auto ran = end_of(submitted);
  EXPECT_EQ(ran.code, 3) << ran.err;
  EXPECT_EQ(ran.out, "Submitted batch job wujiang-1042\n");
  EXPECT_EQ(hansa({"wait", "1042"}).code, 3);
  hansa({"submit", "--wrap=true"});
  api_.finish(1043, 0);
  EXPECT_EQ(hansa({"wait", "wujiang-1043"}).code, 0);
  EXPECT_EQ(hansa({"wait", "wujiang-1043", "wujiang-1042"}).code, 3);
}

TEST_F(Command, AnArrayHasEndedWithItsLastTask) {
  hansa({"submit", "--array", "1-3", "--wrap=x"});
  for (const int task : {1, 2, 3}) api_.split_off(1042, task);
  api_.finish(1042, 0);  // all tasks are split off
  api_.finish(1042, 0, 1);
  api_.finish(1042, 5, 3);
  EXPECT_NE(hansa({"job", "1042"}).out.find("state         1 COMPLETED, 1 FAILED, 1 PENDING\n"), std::string::npos);
  const auto asked = api_.calls();
  const auto waiting = spawn({"wait", "1042"});
  until([&] { return api_.calls() >= asked + 4; });  // the array, its tasks in two lists, the task that is left
  api_.finish(1042, 0, 2);
  EXPECT_EQ(end_of(waiting).code, 5);
}

TEST_F(Command, TheQueueIsATable) {
  hansa({"submit", "-J", "one", "--wrap=x"});
  hansa({"submit", "-J", "two", "--hold", "--wrap=x"});
  const auto ran = hansa({"queue"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out.substr(0, ran.out.find('\n')),
            "JOBID         NAME  USER  STATE    REASON     SITE  TIME    LIMIT  RESOURCES");
  EXPECT_NE(ran.out.find("wujiang-1042  one"), std::string::npos);
  EXPECT_NE(ran.out.find("Held"), std::string::npos);
  const auto bare = hansa({"queue", "-h", "--name", "two"});
  EXPECT_EQ(bare.out.find("wujiang-1043  two"), 0u) << bare.out;
  const auto json = nlohmann::json::parse(hansa({"queue", "--json"}).out);
  EXPECT_EQ(json["jobs"].size(), 2u);
  EXPECT_EQ(json["jobs"][1]["name"], "two");
  api_.finish(1042, 0);
  EXPECT_EQ(hansa({"queue", "-h"}).out.find("wujiang-1042"), std::string::npos);
  const auto history = hansa({"history"}).out;
  EXPECT_NE(history.find("COMPLETED"), std::string::npos);
  EXPECT_NE(history.find("2026-03-01 08:36:00"), std::string::npos) << history;
}

TEST_F(Command, TheHistoryKeepsTheLatestWhenFewAreWanted) {
  for (const auto* name : {"first", "second", "third"}) {
    hansa({"submit", "-J", name, "--wrap=x"});
  }
  for (const std::uint64_t number : {1042, 1043, 1044}) api_.finish(number, 0);
  const auto two = hansa({"history", "-h", "--limit", "2"}).out;
  EXPECT_EQ(two.find("wujiang-1043  second"), 0u) << two;
  EXPECT_NE(two.find("wujiang-1044  third"), std::string::npos) << two;
}

TEST_F(Command, HelpFitsTheScreen) {
  for (const auto* verb : {"submit", "history", "init", "rerun", "fetch", "version"}) {
    const auto help = hansa({verb, "--help"}).out;
    std::istringstream lines(help);
    for (std::string line; std::getline(lines, line);) {
      EXPECT_LE(client::shown_width(line), 115u) << line;
      EXPECT_FALSE(line.ends_with(' ')) << verb << ": '" << line << "'";
    }
  }
}

TEST_F(Command, OneJobIsShownWhole) {
  hansa({"submit", "-J", "one", "--wrap=x"});
  api_.finish(1042, 9);
  const auto ran = hansa({"job", "1042"});
  EXPECT_NE(ran.out.find("exit code     9\n"), std::string::npos) << ran.out;
  EXPECT_EQ(nlohmann::json::parse(hansa({"job", "1042", "--json"}).out)["outcome"]["exit_code"], 9);
}

TEST_F(Command, JobsAreCancelledByNameOrByFilter) {
  for (const auto* name : {"a", "b", "b"}) hansa({"submit", "-J", name, "--wrap=x"});
  EXPECT_EQ(hansa({"cancel", "wujiang-1042"}).code, 0);
  EXPECT_EQ(hansa({"cancel", "--name", "b"}).code, 0);
  EXPECT_EQ(api_.acts().size(), 3u);
  EXPECT_EQ(hansa({"cancel", "--name", "c"}).code, 1);
  EXPECT_EQ(hansa({"cancel", "--name", "b", "wujiang-1042"}).code, 2);
  const auto some = hansa({"cancel", "wujiang-7", "wujiang-1042"});
  EXPECT_EQ(some.code, 1);
  EXPECT_EQ(api_.acts().size(), 4u);
}

TEST_F(Command, HoldReleaseAndRerunAreAsked) {
  hansa({"submit", "--wrap=x"});
  EXPECT_EQ(hansa({"hold", "1042"}).code, 0);
  EXPECT_EQ(hansa({"release", "1042"}).code, 0);
  EXPECT_EQ(hansa({"rerun", "1042"}).code, 0);
  EXPECT_EQ(api_.acts().at(2).act, JobAct::rerun);
  EXPECT_EQ(hansa({"drain"}).code, 0);
  EXPECT_EQ(hansa({"resume"}).code, 0);
}

TEST_F(Command, ARerunOfAnEndedJobPrintsTheNewOne) {
  hansa({"submit", "--wrap=x"});
  api_.finish(1042, 1);
  const auto ran = hansa({"rerun", "1042"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.out, "Submitted batch job wujiang-1099\n");
}

TEST_F(Command, ForgettingASiteWarnsOfWhatMayBeAliveThere) {
  const auto ran = hansa({"site", "forget", "suzhou"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out, "suzhou is forgotten: 3 jobs were given up there, 1 run here for it let go\n");
  EXPECT_NE(ran.err.find("2 runs may still be alive at suzhou"), std::string::npos);
  EXPECT_EQ(hansa({"site", "forget", "taihu"}).code, 1);
  EXPECT_EQ(hansa({"site", "forget", "taihu", "--even-if-alive"}).code, 0);
  EXPECT_EQ(hansa({"site", "forget"}).code, 2);
  EXPECT_EQ(hansa({"site"}).code, 2);
}

TEST_F(Command, WhyIsReadable) {
  hansa({"submit", "--wrap=x"});
  api_.set_note(R"({"at":1772354096.5,"jobs":60,"score":"balanced","how":"taihu starts it soonest","sites":[
    {"site":"wujiang","part":"home","reason":"all accelerators are taken","chosen":0},
    {"site":"taihu","part":"bid","pool":"a100","model":"nvidia-a100","start":3,"transfer":12,"tflops":312,"price_per_hour":6.8,
     "terms":{"start":3,"transfer":12},"total":15,"offered":1,"chosen":1},
    {"site":"gcl","part":"declined","reason":"too busy","chosen":0}],"sites_left_out":2})");
  const auto ran = hansa({"why", "1042"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  for (const auto* part :
       {"taihu starts it soonest", "taihu <-", "start 3.0s, transfer 12s", "gcl", "too busy", "and 2 more sites",
        "as it was when it was asked, 2026-03-01 08:34:56 (for 60 equal jobs at once;"}) {
    EXPECT_NE(ran.out.find(part), std::string::npos) << part << "\n" << ran.out;
  }
  api_.set_note("");
  EXPECT_NE(hansa({"why", "1042"}).out.find("no choice has been made"), std::string::npos);
}

TEST_F(Command, TestOnlyShowsBidsAndSubmitsNothing) {
  const auto ran = hansa({"submit", "--test-only", "--wrap=x"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_NE(ran.out.find("<- would run here"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("never fits"), std::string::npos);
  EXPECT_TRUE(api_.submissions().empty());
}

TEST_F(Command, SitesAndCapacityAreTables) {
  const auto sites = hansa({"sites"}).out;
  EXPECT_NE(sites.find("wujiang *"), std::string::npos) << sites;
  EXPECT_NE(sites.find("a100 3/16"), std::string::npos);
  const auto capacity = hansa({"capacity"}).out;
  EXPECT_NE(capacity.find("nvidia-a100"), std::string::npos) << capacity;
  EXPECT_EQ(nlohmann::json::parse(hansa({"capacity", "--json"}).out)["models"][0]["units"], 32);
}

TEST_F(Command, VersionAndHelpAnswer) {
  EXPECT_NE(hansa({"version"}).out.find("hansad 0.1.0 at wujiang"), std::string::npos);
  EXPECT_EQ(hansa({"--help"}).code, 0);
  EXPECT_NE(hansa({"submit", "--help"}).out.find("examples:"), std::string::npos);
  EXPECT_NE(hansa({"help", "why"}).out.find("hansa why wujiang-1042"), std::string::npos);
}

TEST_F(Command, TheSameApiOverTcp) {
  environment_ = {"HANSA_URL=http://127.0.0.1:" + std::to_string(gateway_->tcp_port()), "HANSA_TOKEN=" + test_token};
  EXPECT_EQ(hansa({"submit", "--wrap=x"}).out, "Submitted batch job wujiang-1042\n");
  environment_.pop_back();
  const auto refused = hansa({"queue"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_NE(refused.err.find("HANSA_TOKEN"), std::string::npos);
}

TEST_F(Command, AQueueOfManyPagesIsShownWhole) {
  constexpr std::size_t jobs = 10'050;
  std::string lines;
  for (std::size_t i = 0; i < jobs; ++i) lines += small_job + "\n";
  ASSERT_EQ(post("/v1/jobs", lines, "Content-Type: application/x-ndjson\r\n").status, 201);
  const auto listed = nlohmann::json::parse(hansa({"queue", "--json"}).out)["jobs"];
  EXPECT_EQ(listed.size(), jobs);
  std::set<std::string> distinct;
  for (const auto& job : listed) distinct.insert(job["id"].get<std::string>());
  EXPECT_EQ(distinct.size(), jobs);
  EXPECT_EQ(nlohmann::json::parse(hansa({"queue", "--json", "--limit", "7"}).out)["jobs"].size(), 7u);
}

}  // namespace
}  // namespace hansa
