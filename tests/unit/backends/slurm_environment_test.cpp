#include "src/backends/process/slurm_environment.hpp"

#include <gtest/gtest.h>

namespace hansa {
namespace {

using Variables = std::map<std::string, std::string>;

StartRun start_of(std::uint32_t nodes, std::int32_t task = JobId::no_task) {
  JobRequest request{.name = "train", .user = "ann"};
  StartRun start{.run = {.job = {.number = 1042, .task = task}, .epoch = Epoch{1}},
                 .job_name = "wujiang-1042",
                 .origin = SiteName{"wujiang"},
                 .request = request};
  start.allocation = {.pool = "a100", .per_node = {.accelerators = 2, .cores = 16, .memory_mib = 4'096}};
  for (std::uint32_t node = 0; node < nodes; ++node) start.allocation.nodes.push_back({node + 3, {0, 1}});
  return start;
}

JobPlace place() {
  return {.site = SiteName{"taihu"}, .run = "r", .work_folder = "/state/run/work", .machine = "gpu01"};
}

Variables variables(const StartRun& start, const JobPayload& payload = {}) {
  Variables out;
  add_slurm_variables(start, payload, place(), out);
  return out;
}

TEST(SlurmVariables, SayWhatSlurmWouldSayOfAJob) {
  const auto found = variables(start_of(1));
  EXPECT_EQ(found.at("SLURM_JOB_ID"), "1042");
  EXPECT_EQ(found.at("SLURM_JOBID"), "1042");
  EXPECT_EQ(found.at("SLURM_JOB_NAME"), "train");
  EXPECT_EQ(found.at("SLURM_JOB_PARTITION"), "a100");
  EXPECT_EQ(found.at("SLURM_CLUSTER_NAME"), "taihu");
  EXPECT_EQ(found.at("SLURM_NNODES"), "1");
  EXPECT_EQ(found.at("SLURM_NTASKS"), "1");
  EXPECT_EQ(found.at("SLURM_CPUS_ON_NODE"), "16");
  EXPECT_EQ(found.at("SLURM_MEM_PER_NODE"), "4096");
  EXPECT_EQ(found.at("SLURM_GPUS_ON_NODE"), "2");
  EXPECT_EQ(found.at("SLURM_JOB_GPUS"), "0,1");
  EXPECT_FALSE(found.contains("SLURM_ARRAY_TASK_ID"));
  EXPECT_FALSE(found.contains("SLURM_CPUS_PER_TASK")) << "Slurm sets it only when it was asked for";
}

TEST(SlurmVariables, TheSubmitFolderIsWhereTheJobsFilesLie) {
  EXPECT_EQ(variables(start_of(1)).at("SLURM_SUBMIT_DIR"), "/state/run/work");
}

TEST(SlurmVariables, OneNodeIsThisMachineAndSeveralAreCalledAsDeclared) {
  EXPECT_EQ(variables(start_of(1)).at("SLURM_JOB_NODELIST"), "gpu01");
  EXPECT_EQ(variables(start_of(3)).at("SLURM_JOB_NODELIST"), "a100-[3-5]");
  EXPECT_EQ(variables(start_of(3)).at("SLURM_JOB_CPUS_PER_NODE"), "16(x3)");
  EXPECT_EQ(variables(start_of(3)).at("SLURM_GPUS"), "6");
}

TEST(SlurmVariables, ATaskHasAnIdOfItsOwnAndItsArraysBeside) {
  const auto found = variables(start_of(1, 7));
  EXPECT_EQ(found.at("SLURM_ARRAY_JOB_ID"), "1042");
  EXPECT_EQ(found.at("SLURM_ARRAY_TASK_ID"), "7");
  EXPECT_EQ(found.at("SLURM_JOB_ID"), "10420000007");
}

TEST(SlurmVariables, TasksAreLaidOutAsTheyWereAskedFor) {
  JobPayload payload;
  payload.passed_through = {
      {"ntasks", "8"}, {"cpus-per-task", "4"}, {"ntasks-per-node", "3"}, {"mem-per-cpu", "2048M"}};
  const auto found = variables(start_of(3), payload);
  EXPECT_EQ(found.at("SLURM_NTASKS"), "8");
  EXPECT_EQ(found.at("SLURM_NPROCS"), "8");
  EXPECT_EQ(found.at("SLURM_TASKS_PER_NODE"), "3(x2),2");
  EXPECT_EQ(found.at("SLURM_NTASKS_PER_NODE"), "3");
  EXPECT_EQ(found.at("SLURM_CPUS_PER_TASK"), "4");
  EXPECT_EQ(found.at("SLURM_MEM_PER_CPU"), "2048");
  EXPECT_FALSE(found.contains("SLURM_MEM_PER_NODE"));
}

TEST(SlurmVariables, WhatWasPassedThroughBadlyIsNotBelieved) {
  JobPayload payload;
  payload.passed_through = {{"ntasks", "many"}};
  EXPECT_EQ(variables(start_of(2), payload).at("SLURM_NTASKS"), "2");
}

}  // namespace
}  // namespace hansa
