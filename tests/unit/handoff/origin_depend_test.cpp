// Arrays and dependencies among the jobs of one origin.
#include "tests/support/handoff_kit.hpp"

namespace hansa::test {
namespace {

struct OriginDepend : testing::Test, OriginKit {
  JobId submit_after(DependencyKind kind, const JobId& job) {
    auto dependent = request;
    dependent.dependencies = {{.kind = kind, .job = job}};
    return submit({.request = dependent});
  }
  JobId submit_singleton(const std::string& name = "frames") {
    auto single = request;
    single.name = name;
    single.dependencies = {{.kind = DependencyKind::singleton, .job = {}}};
    return submit({.request = single});
  }
  JobId submit_array(std::int32_t tasks, std::uint32_t parallel_max = 0, bool held = false) {
    ArraySpec array{.parallel_max = parallel_max};
    for (std::int32_t task = 1; task <= tasks; ++task) array.tasks.push_back(task);
    return submit({.request = request, .array = array, .held = held});
  }
  JobId task(const JobId& array, std::int32_t index) const {
    return {.store = array.store, .number = array.number, .task = index};
  }
  void end(const JobId& id, FinalState how = FinalState::completed) {
    award(id);
    hear(taihu, Accepted{.run = run(id), .number = number(1)});
    hear(taihu, Finished{.run = run(id), .outcome = {.state = how}});
  }
  bool is_reported_changed(const JobId& id) {
    const auto changed = origin.take_changed();
    return std::find(changed.begin(), changed.end(), id) != changed.end();
  }
  std::size_t split_count(const JobId& array) const {
    return static_cast<std::size_t>(std::count_if(origin.jobs().begin(), origin.jobs().end(), [&](const auto& job) {
      return job.first.number == array.number && job.first.task != JobId::no_task;
    }));
  }
};

// --- dependencies ---------------------------------------------------------------------------------------------------

TEST_F(OriginDepend, AJobWaitsUntilTheOtherHasEndedAsItMust) {
  const struct {
    DependencyKind kind;
    FinalState end;
    bool met;
  } cases[] = {{DependencyKind::after_ok, FinalState::completed, true},
               {DependencyKind::after_ok, FinalState::failed, false},
               {DependencyKind::after_any, FinalState::completed, true},
               {DependencyKind::after_any, FinalState::timeout, true},
               {DependencyKind::after_not_ok, FinalState::completed, false},
               {DependencyKind::after_not_ok, FinalState::failed, true}};
  for (const auto& each : cases) {
    const auto first = submit();
    const auto second = submit_after(each.kind, first);
    EXPECT_FALSE(origin.is_placeable(second));
    EXPECT_EQ(origin.waiting_reason(second), "Dependency");
    (void)origin.take_changed();
    end(first, each.end);
    EXPECT_TRUE(is_reported_changed(second));
    EXPECT_EQ(origin.is_placeable(second), each.met);
    EXPECT_EQ(origin.waiting_reason(second), each.met ? "" : "DependencyNeverSatisfied");
  }
}

TEST_F(OriginDepend, AnUnknownJobCantBeDependedOn) {
  auto dependent = request;
  dependent.dependencies = {{.kind = DependencyKind::after_ok, .job = job_of(99)}};
  out = {};
  EXPECT_FALSE(origin.submit(now, Submission{.request = dependent}, out).ok());
  EXPECT_TRUE(does_nothing(out));
}

TEST_F(OriginDepend, TheJobThatSomebodyWaitsForStaysInHistory) {
  const auto first = submit();
  const auto second = submit_after(DependencyKind::after_ok, first);
  end(first, FinalState::failed);
  pass(minutes(60));
  EXPECT_NE(origin.find(first), nullptr);
  EXPECT_EQ(origin.waiting_reason(second), "DependencyNeverSatisfied") << "and does not come true by forgetting";
  cancel(second);
  pass(minutes(60));
  EXPECT_TRUE(origin.jobs().empty());
}

TEST_F(OriginDepend, DependenciesHoldAfterARestart) {
  const auto first = submit();
  const auto second = submit_after(DependencyKind::after_ok, first);
  restart();
  EXPECT_FALSE(origin.is_placeable(second));
  end(first);
  EXPECT_TRUE(origin.is_placeable(second));
}

// --- singleton ------------------------------------------------------------------------------------------------------

TEST_F(OriginDepend, ASingletonWaitsForAllEarlierJobsOfItsNameAndUser) {
  const auto plain = submit();
  const auto first = submit_singleton();
  const auto second = submit_singleton();
  const auto other = submit_singleton("other");
  EXPECT_FALSE(origin.is_placeable(first));
  EXPECT_TRUE(origin.is_placeable(other));
  (void)origin.take_changed();
  end(plain);
  EXPECT_TRUE(is_reported_changed(first));
  EXPECT_TRUE(origin.is_placeable(first));
  EXPECT_FALSE(origin.is_placeable(second));
  cancel(first);
  EXPECT_TRUE(is_reported_changed(second));
  EXPECT_TRUE(origin.is_placeable(second));
}

TEST_F(OriginDepend, SingletonsHoldAfterARestart) {
  const auto plain = submit();
  const auto single = submit_singleton();
  restart();
  EXPECT_FALSE(origin.is_placeable(single));
  end(plain);
  EXPECT_TRUE(origin.is_placeable(single));
}

TEST_F(OriginDepend, ASingletonWaitsForTheTasksOfAnEarlierArray) {
  const auto array = submit_array(2);
  const auto single = submit_singleton();
  EXPECT_FALSE(origin.is_placeable(single));
  end(task(array, 1));
  EXPECT_FALSE(origin.is_placeable(single));
  end(task(array, 2));
  EXPECT_TRUE(origin.is_placeable(single));
}

TEST_F(OriginDepend, AnArrayCanBeASingleton) {
  const auto plain = submit();
  auto single = request;
  single.dependencies = {{.kind = DependencyKind::singleton, .job = {}}};
  const auto array = submit({.request = single, .array = {.tasks = {1, 2}}});
  EXPECT_EQ(split_count(array), 0u);
  end(plain);
  pass(Duration(0));
  EXPECT_EQ(split_count(array), 2u);
  EXPECT_TRUE(origin.is_placeable(task(array, 1)));
  EXPECT_TRUE(origin.is_placeable(task(array, 2))) << "tasks of one array do not wait for each other";
}

TEST_F(OriginDepend, AHundredThousandSingletonsAreNoBurden) {
  for (int i = 0; i < 100'000; ++i) submit_singleton();
  for (std::uint64_t i = 1; i <= 2'000; ++i) {
    ASSERT_TRUE(origin.is_placeable(job_of(i)));
    ASSERT_FALSE(origin.is_placeable(job_of(i + 1)));
    (void)origin.take_changed();
    cancel(job_of(i));
    ASSERT_LE(origin.take_changed().size(), 2u) << "only whose turn it is";
  }
}

// --- arrays ---------------------------------------------------------------------------------------------------------

TEST_F(OriginDepend, AWaitingArrayIsOneRecordWhoseTasksAreSplitOffStored) {
  const auto array = submit_array(3);
  EXPECT_EQ(split_count(array), 3u);
  for (std::int32_t index = 1; index <= 3; ++index) {
    EXPECT_TRUE(written(out, task(array, index)).has_value());
    EXPECT_TRUE(origin.is_placeable(task(array, index)));
  }
  EXPECT_FALSE(origin.is_placeable(array)) << "the array itself runs nowhere";
}

TEST_F(OriginDepend, NoMoreTasksAtOnceThanTheLimit) {
  const auto array = submit_array(5, 2);
  EXPECT_EQ(split_count(array), 2u);
  pass(Duration(0));
  EXPECT_EQ(split_count(array), 2u);
  end(task(array, 1));
  pass(Duration(0));
  EXPECT_EQ(split_count(array), 3u);
  restart();
  pass(Duration(0));
  EXPECT_EQ(split_count(array), 3u) << "the limit holds after a restart";
  cancel(task(array, 2));
  pass(Duration(0));
  EXPECT_EQ(split_count(array), 4u);
}

TEST_F(OriginDepend, TasksAreSplitOffNoFurtherAheadThanTheWindow) {
  const auto array = submit_array(1'000);
  EXPECT_EQ(split_count(array), options.array_window);
  EXPECT_EQ(record(array).array->tasks.size(), 1'000 - options.array_window);
}

TEST_F(OriginDepend, AHeldArrayIsNotSplit) {
  const auto array = submit_array(3, 0, true);
  pass(Duration(0));
  EXPECT_EQ(split_count(array), 0u);
  did([&] { EXPECT_TRUE(origin.release(now, array, out).ok()); });
  EXPECT_EQ(split_count(array), 3u);
}

TEST_F(OriginDepend, HoldOfAnArrayHoldsItsTasksThatHaveNotStarted) {
  const auto array = submit_array(3, 2);
  award(task(array, 1));
  hear(taihu, Accepted{.run = run(task(array, 1)), .number = number(1)});
  hear(taihu, Progress{.run = run(task(array, 1)), .phase = RunPhase::running});
  did([&] { EXPECT_TRUE(origin.hold(now, array, out).ok()); });
  EXPECT_FALSE(record(task(array, 1)).held);
  EXPECT_TRUE(record(task(array, 2)).held);
  EXPECT_TRUE(record(array).held);
  hear(taihu, Finished{.run = run(task(array, 1))});
  pass(Duration(0));
  EXPECT_EQ(split_count(array), 2u) << "and no more are split off";
  did([&] { EXPECT_TRUE(origin.release(now, array, out).ok()); });
  EXPECT_TRUE(origin.is_placeable(task(array, 2)));
  EXPECT_EQ(split_count(array), 3u);
}

TEST_F(OriginDepend, HoldOfAnArrayThatIsWhollySplitHoldsItsTasks) {
  const auto array = submit_array(2);
  did([&] { EXPECT_TRUE(origin.hold(now, array, out).ok()); });
  EXPECT_FALSE(origin.is_placeable(task(array, 1)));
  did([&] { EXPECT_TRUE(origin.release(now, array, out).ok()); });
  EXPECT_TRUE(origin.is_placeable(task(array, 1)));
}

TEST_F(OriginDepend, CancelOfAnArrayEndsItsTasksAndSplitsNoMore) {
  const auto array = submit_array(5, 2);
  cancel(array);
  pass(Duration(0));
  EXPECT_EQ(split_count(array), 2u);
  EXPECT_EQ(final_state(task(array, 1)), FinalState::cancelled);
  EXPECT_EQ(final_state(task(array, 2)), FinalState::cancelled);
  EXPECT_EQ(final_state(array), FinalState::cancelled);
  EXPECT_EQ(origin.cancel(now, array, out).error().kind, ErrorKind::refused) << "nothing is left to cancel";
}

TEST_F(OriginDepend, AfterAnArrayMeansAfterAllItsTasks) {
  const auto array = submit_array(3, 2);
  const auto after = submit_after(DependencyKind::after_ok, array);
  end(task(array, 1));
  end(task(array, 2));
  pass(Duration(0));
  EXPECT_EQ(origin.waiting_reason(after), "Dependency");
  (void)origin.take_changed();
  end(task(array, 3));
  EXPECT_TRUE(is_reported_changed(after));
  EXPECT_TRUE(origin.is_placeable(after));
}

TEST_F(OriginDepend, AfterAnArrayOneOfWhoseTasksFailedIsNotOk) {
  const auto array = submit_array(2);
  const auto after = submit_after(DependencyKind::after_ok, array);
  end(task(array, 1), FinalState::failed);
  end(task(array, 2));
  EXPECT_EQ(origin.waiting_reason(after), "DependencyNeverSatisfied");
}

TEST_F(OriginDepend, AnArrayThatWaitsIsSplitWhenItsDependencyIsMet) {
  const auto first = submit();
  auto dependent = request;
  dependent.dependencies = {{.kind = DependencyKind::after_ok, .job = first}};
  const auto array = submit({.request = dependent, .array = {.tasks = {1, 2}}});
  pass(Duration(0));
  EXPECT_EQ(split_count(array), 0u);
  end(first);
  pass(Duration(0));
  EXPECT_EQ(split_count(array), 2u);
}

TEST_F(OriginDepend, AnArrayStaysInHistoryAsLongAsItsTasksAndDoesNotSpinMeanwhile) {
  const auto array = submit_array(2);
  pass(minutes(60));
  EXPECT_NE(origin.find(array), nullptr);
  end(task(array, 1));
  end(task(array, 2));
  pass(minutes(30));
  EXPECT_TRUE(origin.jobs().empty());
}

}  // namespace
}  // namespace hansa::test
