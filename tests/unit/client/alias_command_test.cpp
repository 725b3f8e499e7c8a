// Slurm's commands by their own habits: options, output, exit codes.
#include "protocol/wire/codec.hpp"
#include "src/staging/chunk.hpp"
#include "tests/unit/client/command_fixture.hpp"

namespace hansa {
namespace {

using Alias = CommandTest;

JobPayload payload_of(const Submission& job) {
  return *decode<JobPayload>(*job.payload);
}

TEST_F(Alias, SbatchReadsTheScriptAndItsOwnOptionsWin) {
  write("train.sh",
        "#!/bin/bash\n#SBATCH --job-name=train --nodes=2\n#SBATCH --ntasks-per-node=4 -c 2 --time=1-0\n"
        "#SBATCH --gres=gpu:a100:4 --mem=16G -p gpu -A lab\n#HANSA --region cn/east\necho hi\n");
  const auto ran = alias("sbatch", {"-t", "30", "--exclusive", "train.sh", "--epochs", "3"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out, "Submitted batch job 1042\n");
  const auto job = api_.submissions().at(0);
  EXPECT_EQ(job.request->name, "train");
  EXPECT_EQ(job.request->resources.nodes, 2u);
  EXPECT_EQ(job.request->resources.per_node, (NodeResources{.accelerators = 4, .cores = 8, .memory_mib = 16'384}));
  EXPECT_EQ(job.request->resources.time_limit, std::chrono::minutes(30));
  EXPECT_EQ(job.request->resources.pools, std::vector<std::string>{"gpu"});
  EXPECT_TRUE(job.request->resources.exclusive);
  EXPECT_EQ(job.request->wishes.region, "cn/east");
  const auto payload = payload_of(job);
  EXPECT_EQ(payload.arguments, (std::vector<std::string>{"--epochs", "3"}));
  EXPECT_EQ(payload.stdout_path, "slurm-%j.out");
  EXPECT_EQ(payload.passed_through,
            (std::map<std::string, std::string>{
                {"account", "lab"}, {"cpus-per-task", "2"}, {"ntasks", "8"}, {"ntasks-per-node", "4"}}));
}

TEST_F(Alias, SbatchPrintsWhatToolsParse) {
  EXPECT_EQ(alias("sbatch", {"--parsable", "--wrap=hostname"}).out, "1042\n");
  EXPECT_EQ(alias("sbatch", {"--wrap", "hostname"}).out, "Submitted batch job 1043\n");
  EXPECT_EQ(alias("sbatch", {"-Q", "--wrap", "hostname"}).out, "");
  EXPECT_EQ(alias("sbatch", {"-d", "afterok:1042", "--wrap=x"}).code, 0);
  EXPECT_EQ(api_.submissions().back().request->dependencies.at(0).job.number, 1042u);
}

TEST_F(Alias, SbatchTakesAScriptFromStandardInput) {
  write("piped", "#!/bin/sh\n#SBATCH -J piped -o log.%j\necho hi\n");
  const auto ran = alias("sbatch", {}, path("piped"));
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(api_.submissions().at(0).request->name, "piped");
  EXPECT_EQ(payload_of(api_.submissions().at(0)).stdout_path, "log.%j");
}

TEST_F(Alias, SbatchFailsWithOneSentenceAndExitCodeOne) {
  write("bad.sh", "#!/bin/sh\n\n#SBATCH --time=soon\n");
  const auto ran = alias("sbatch", {"bad.sh"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.err.find("hansa-sbatch: bad.sh, line 3: --time: 'soon' is no time"), 0u);
  EXPECT_EQ(alias("sbatch", {"--nonsense", "bad.sh"}).code, 1);
  EXPECT_EQ(alias("sbatch", {"missing.sh"}).code, 1);
  EXPECT_TRUE(api_.submissions().empty());
}

TEST_F(Alias, SbatchTestOnlySubmitsNothing) {
  const auto ran = alias("sbatch", {"--test-only", "--wrap=x"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_NE(ran.err.find("Job to start at "), std::string::npos);
  EXPECT_NE(ran.err.find(" at wujiang in partition a100"), std::string::npos);
  EXPECT_TRUE(api_.submissions().empty());
}

TEST_F(Alias, AnArraysTasksKnowHowManyTheyAre) {
  EXPECT_EQ(alias("sbatch", {"-a", "2-10:4%2", "--wrap=x"}).code, 0);
  const auto environment = payload_of(api_.submissions().at(0)).environment;
  EXPECT_EQ(environment.at("SLURM_ARRAY_TASK_COUNT"), "3");
  EXPECT_EQ(environment.at("SLURM_ARRAY_TASK_MIN"), "2");
  EXPECT_EQ(environment.at("SLURM_ARRAY_TASK_MAX"), "10");
  EXPECT_EQ(environment.at("SLURM_ARRAY_TASK_STEP"), "4");
  EXPECT_EQ(payload_of(api_.submissions().at(0)).stdout_path, "slurm-%A_%a.out");
}

TEST_F(Alias, SqueueShowsSlurmsColumns) {
  alias("sbatch", {"-J", "train", "-N", "2", "-n", "8", "-t", "2:00:00", "-p", "gpu", "--wrap=x"});
  const auto ran = alias("squeue", {});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out.substr(0, ran.out.find('\n')),
            "             JOBID PARTITION     NAME     USER ST       TIME  NODES NODELIST(REASON)");
  EXPECT_NE(ran.out.find("              1042       gpu    train"), std::string::npos);
  EXPECT_NE(ran.out.find(" PD       0:00      2 (Resources)\n"), std::string::npos);
  EXPECT_EQ(alias("squeue", {"-h", "-j", "1042", "-o", "%i %T %D %C %l"}).out, "1042 PENDING 2 8 2:00:00\n");
  EXPECT_EQ(alias("squeue", {"-h", "-O", "JobID:6,StateCompact:3"}).out, "1042  PD \n");
}

TEST_F(Alias, SqueueKeepsToWhatIsAskedFor) {
  alias("sbatch", {"-J", "one", "--wrap=x"});
  alias("sbatch", {"-J", "two", "-a", "1-3", "--wrap=x"});
  const auto ids = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"-h", "-o", "%i"});
    return alias("squeue", words).out;
  };
  EXPECT_EQ(ids({}), "1042\n1043_[1-3]\n");
  EXPECT_EQ(ids({"-n", "two"}), "1043_[1-3]\n");
  EXPECT_EQ(ids({"-t", "R"}), "");
  EXPECT_EQ(ids({"--sort=-i"}), "1043_[1-3]\n1042\n");
  api_.finish(1042, 0);
  EXPECT_EQ(ids({}), "1043_[1-3]\n");
  EXPECT_EQ(ids({"-t", "all"}), "1043_[1-3]\n1042\n");
  EXPECT_EQ(ids({"-j", "1042", "-t", "CD"}), "1042\n");
  EXPECT_EQ(alias("squeue", {"-j", "77"}).code, 1);
  EXPECT_EQ(alias("squeue", {"-t", "SLEEPING"}).code, 1);
}

TEST_F(Alias, ScancelTakesTasksInBrackets) {
  EXPECT_EQ(alias("sbatch", {"-a", "1-3", "--wrap=x"}).code, 0);
  for (const int task : {1, 2, 3}) api_.split_off(1042, task);
  EXPECT_EQ(alias("scancel", {"1042_[1,3]"}).code, 0);
  ASSERT_EQ(api_.acts().size(), 2u);
  EXPECT_EQ(api_.acts()[1].job.task, 3);
  EXPECT_EQ(alias("scancel", {"77"}).code, 1);
  EXPECT_EQ(alias("scancel", {}).code, 1);
  EXPECT_EQ(alias("scancel", {"-s", "USR1", "1042"}).code, 1);
}

TEST_F(Alias, ScancelByFilterEndsThoseAlone) {
  alias("sbatch", {"-J", "one", "--wrap=x"});
  alias("sbatch", {"-J", "two", "--wrap=x"});
  EXPECT_EQ(alias("scancel", {"-n", "two", "-t", "PD"}).code, 0);
  ASSERT_EQ(api_.acts().size(), 1u);
  EXPECT_EQ(api_.acts()[0].job.number, 1043u);
}

TEST_F(Alias, SinfoShowsPoolsAsPartitions) {
  const auto ran = alias("sinfo", {});
  EXPECT_EQ(ran.out,
            "PARTITION AVAIL  TIMELIMIT  NODES  STATE NODELIST\n"
            "a100         up   infinite      1    mix wujiang:a100\n"
            "a100         up   infinite      1   idle wujiang:a100\n"
            "a100         up   infinite      1  alloc taihu:a100\n"
            "a100         up   infinite      1   idle taihu:a100\n");
  EXPECT_EQ(alias("sinfo", {"-h", "-M", "taihu", "-t", "idle", "-o", "%P %D %t %G %c %m"}).out,
            "a100 1 idle gpu:nvidia-a100:8 64 1048576\n");
  EXPECT_EQ(alias("sinfo", {"-s", "-h", "-M", "taihu", "-o", "%F"}).out, "1/1/0/2\n");
}

TEST_F(Alias, EveryOneHasHelpAndAVersion) {
  for (const auto* name : {"sbatch", "squeue", "scancel", "sinfo"}) {
    EXPECT_NE(alias(name, {"--help"}).out.find(std::string("usage: hansa-") + name), std::string::npos);
    EXPECT_EQ(alias(name, {"--version"}).out.find(std::string("hansa-") + name + " "), 0u);
  }
}

TEST_F(Alias, FetchCallsTheStreamsAsSbatchWasTold) {
  alias("sbatch", {"-J", "train", "--wrap=x"});
  api_.finish(1042, 0);
  const auto out = staging::chunk_hash("printed");
  const auto err = staging::chunk_hash("complained");
  const Manifest outputs{{{.path = ".hansa/stdout", .size_bytes = 7, .chunks = {out}},
                          {.path = ".hansa/stderr", .size_bytes = 10, .chunks = {err}}}};
  const std::map<ContentHash, std::string> chunks = {{out, staging::seal_chunk("printed")},
                                                     {err, staging::seal_chunk("complained")}};
  api_.put_output(outputs, chunks, "logs/%x-%j.out", "/home/ann/%j.err");
  EXPECT_EQ(hansa({"fetch", "1042", "results"}).code, 0);
  EXPECT_EQ(read_all(path("results/logs/train-1042.out")), "printed");
  EXPECT_EQ(read_all(path("results/1042.err")), "complained") << "a path of another place gives its last part";
  api_.put_output(outputs, chunks, "/dev/null", "../../%j.err");
  EXPECT_EQ(hansa({"fetch", "1042", "again"}).code, 0);
  EXPECT_EQ(read_all(path("again/1042.err")), "complained");
  EXPECT_FALSE(std::filesystem::exists(path("again/.hansa")));
}

}  // namespace
}  // namespace hansa
