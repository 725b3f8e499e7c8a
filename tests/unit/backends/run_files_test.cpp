#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "src/backends/process/allocation_text.hpp"
#include "src/backends/process/claim.hpp"
#include "src/backends/process/job_environment.hpp"
#include "src/backends/process/run_folders.hpp"
#include "src/backends/process/run_sight.hpp"
#include "tests/support/temporary_folder.hpp"

namespace hansa {
namespace {

TEST(FieldText, HoldsAnyBytesAndIsReadBack) {
  FieldText out;
  out.add("a", "line\nbreak 5\n");
  out.add("b", std::string_view("\0x", 2));
  out.add("n", std::int64_t{-7});
  out.add("a", "");
  const auto in = FieldText::parse(out.text());
  ASSERT_TRUE(in);
  EXPECT_EQ(in->all("a"), (std::vector<std::string>{"line\nbreak 5\n", ""}));
  EXPECT_EQ(in->find("b"), std::string_view("\0x", 2));
  EXPECT_EQ(in->number("n"), -7);
  EXPECT_EQ(in->find("c"), "");
}

// A daemon that has no descriptor left can't see whether a wrapper lives: it must not be declared dead, and killed.
TEST(RunSight, WaitsForDescriptorsRatherThanTakeAWrapperForDead) {
  const test::TemporaryFolder folder;
  const auto control = open_folder(folder.path().string());
  const auto self = process_facts(getpid());
  ASSERT_TRUE(self);
  const ProcessIdentity wrapper{.pid = getpid(), .start_ticks = self->start_ticks, .boot = read_boot_id()};
  ASSERT_EQ(make_claim(control.get(), {.wrapper = wrapper, .made_at_ms = 1}), ClaimAttempt::won);
  // A plain thread, made beforehand: a sanitizer that looks into an object's type needs descriptors of its own.
  std::atomic<bool> may_look = false, done = false;
  std::atomic<Standing> seen{};
  std::thread looker([&] {
    may_look.wait(false);
    seen = see_run(control.get()).standing;
    done = true;
  });
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none{.rlim_cur = 0, .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  may_look = true;
  may_look.notify_one();
  for (int turn = 0; turn < 10'000 && !done; ++turn) std::this_thread::yield();
  const bool early = done;
  setrlimit(RLIMIT_NOFILE, &before);
  looker.join();
  EXPECT_FALSE(early);
  EXPECT_EQ(seen, Standing::running);
}

TEST(FieldText, WhatWasCutShortIsRefused) {
  FieldText out;
  out.add("name", "some value");
  for (std::size_t size = 1; size < out.text().size(); ++size)
    EXPECT_FALSE(FieldText::parse(out.text().substr(0, size))) << size;
  EXPECT_FALSE(FieldText::parse("name 99999999999999999999\nx\n"));
  EXPECT_FALSE(FieldText::parse("name -1\nx\n"));
}

TEST(RunSpec, IsReadBackAsItWasWritten) {
  RunSpec spec;
  spec.run = "abc-1-1";
  spec.arguments = {"a b", "", "c\nd"};
  spec.environment = {"X=1", "Y=two\nlines"};
  spec.groups = {4, 24};
  spec.cgroups = {{.folder = "/a", .settings = {{"memory.max", "5"}, {"pids.max", "6"}}, .oom_file = "memory.events"},
                  {.folder = "/b", .settings = {{"cpu.max", "7 8"}}}};
  spec.time_limit_us = 5;
  spec.under_lease = true;
  const auto read = RunSpec::from_text(spec.to_text());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->to_text(), spec.to_text());
  EXPECT_EQ(read->arguments, spec.arguments);
  EXPECT_EQ(read->environment, spec.environment);
  EXPECT_EQ(read->cgroups[0].settings, spec.cgroups[0].settings);
  EXPECT_EQ(read->cgroups[1].folder, "/b");
}

TEST(RunFolders, ARunsFolderNameIsReadBack) {
  RunKey run{.job = {.number = 1042}, .epoch = {3}};
  run.job.store.bytes = {0xde, 0xad, 1, 2, 3};
  EXPECT_EQ(run_folder_name(run), "dead0102030000000000000000000000-1042-3");
  EXPECT_EQ(parse_run_folder_name(run_folder_name(run)), run);
  run.job.task = 7;
  EXPECT_EQ(run_folder_name(run), "dead0102030000000000000000000000-1042_7-3");
  EXPECT_EQ(parse_run_folder_name(run_folder_name(run)), run);
}

TEST(RunFolders, OtherNamesAreNotRuns) {
  for (const auto* other :
       {"", ".aside", "dead-1-1", "dead0102030000000000000000000000-1", "dead0102030000000000000000000000-1-1x",
        "dead0102030000000000000000000000-01-1", "DEAD0102030000000000000000000000-1-1"})
    EXPECT_FALSE(parse_run_folder_name(other)) << other;
}

TEST(Allocation, IsWrittenAsItsPoolAndRangesOfNodes) {
  const auto where = [](std::vector<std::uint32_t> nodes) {
    Allocation allocation{.pool = "a100"};
    for (const auto node : nodes) allocation.nodes.push_back({.node = node});
    return format_where(allocation);
  };
  EXPECT_EQ(where({3}), "a100[3]");
  EXPECT_EQ(where({7, 0, 1, 2}), "a100[0-2,7]");
  EXPECT_EQ(where({1, 3, 5}), "a100[1,3,5]");
}

TEST(Accelerators, AreNamedByTheVariablesOfTheirMaker) {
  using Names = std::vector<std::string_view>;
  EXPECT_EQ(accelerator_variables("nvidia-h800"), Names{"CUDA_VISIBLE_DEVICES"});
  EXPECT_EQ(accelerator_variables("huawei-ascend910b"), (Names{"ASCEND_VISIBLE_DEVICES", "ASCEND_RT_VISIBLE_DEVICES"}));
  EXPECT_EQ(accelerator_variables("amd-mi300x"), Names{"ROCR_VISIBLE_DEVICES"});
}

TEST(Outcome, EachEndingHasAStateOfItsOwn) {
  const auto state = [](RunEnding ending, int code) { return outcome_of({.ending = ending, .code = code}, {}).state; };
  EXPECT_EQ(state(RunEnding::exited, 0), FinalState::completed);
  EXPECT_EQ(state(RunEnding::exited, 1), FinalState::failed);
  EXPECT_EQ(state(RunEnding::time_limit, 0), FinalState::timeout);
  EXPECT_EQ(state(RunEnding::stopped, 0), FinalState::cancelled);
  EXPECT_EQ(state(RunEnding::lease_out, 0), FinalState::cancelled);
  EXPECT_EQ(state(RunEnding::out_of_memory, 137), FinalState::out_of_memory);
  EXPECT_EQ(state(RunEnding::wrapper_killed, 137), FinalState::failed);
  EXPECT_EQ(state(RunEnding::machine_restarted, 137), FinalState::node_fail);
}

TEST(ProcessFacts, KnowThisProcessAndNoneThatIsNot) {
  const auto facts = process_facts(1);
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->parent, 0);
  EXPECT_FALSE(process_facts(0x7ffffff0));
}

}  // namespace
}  // namespace hansa
