// Small: a federation of a few sites for tests that tell one story.
#pragma once

#include <gtest/gtest.h>

#include "src/sim/federation.hpp"
#include "tests/support/fake_signatures.hpp"

namespace hansa::sim {

inline std::unique_ptr<Signatures> fake_signatures(const SiteName& site) {
  return std::make_unique<test::FakeSignatures>(site.value);
}

// Sites a, b, … of one CPU pool each, with so many nodes of four cores.
struct Small : testing::Test {
  RunPlan plan{.wrapper_delay = std::chrono::milliseconds(10), .duration = std::chrono::seconds(5)};
  Federation federation{{.seed = 1, .signatures = fake_signatures, .plan = [this](const RunKey&) { return plan; }}};
  std::vector<JobId> submitted;

  void found(std::vector<std::uint32_t> nodes) {
    char name = 'a';
    for (const auto count : nodes) {
      ControllerOptions options{.site = SiteName{std::string(1, name++)}};
      federation.add({.controller = options,
                      .pools = {{.name = "cpu", .nodes = count, .per_node = {.cores = 4}}},
                      .seed = std::uint64_t(name)});
    }
    for (auto& site : federation.sites()) federation.start(*site);
    pass(std::chrono::seconds(5));
  }
  SimSite& site(std::size_t index) { return *federation.sites()[index]; }
  void pass(Duration by) { federation.run_until(federation.timeline().now() + by); }
  JobRequest request(std::uint32_t cores = 4) const {
    JobRequest wanted{.name = "x", .user = "mei"};
    wanted.resources.per_node.cores = cores;
    wanted.resources.time_limit = std::chrono::seconds(100);
    return wanted;
  }
  void ask_for(std::size_t at, JobRequest wanted) {
    site(at).call({.user = "mei"}, SubmitJobs{{{.request = std::move(wanted)}}}, [](const ApiReply&) {});
  }
  JobId submit(std::size_t at, JobRequest wanted) {
    std::optional<JobId> id;
    site(at).call({.user = "mei"}, SubmitJobs{{{.request = std::move(wanted)}}}, [&](const ApiReply& reply) {
      if (reply) id = std::get<Submitted>(reply.value()).jobs.front();
    });
    pass(std::chrono::milliseconds(100));
    EXPECT_TRUE(id);
    return id.value_or(JobId{});
  }
  const JobRecord& job(std::size_t at, const JobId& id) { return site(at).controller().origin().find(id)->record; }
  bool completed(std::size_t at, const JobId& id) {
    const auto* ended = std::get_if<Ended>(&job(at, id).state);
    return ended && ended->outcome->state == FinalState::completed;
  }
  ~Small() override { EXPECT_FALSE(federation.judge().violation()) << *federation.judge().violation(); }
};

}  // namespace hansa::sim
