// The backends that the contract is checked against.
#include <thread>

#include "src/backends/fake/fake_backend.hpp"
#include "src/backends/process/run_folders.hpp"
#include "src/backends/registry.hpp"
#include "tests/contract/backend/contract.hpp"

namespace hansa {
namespace {

// Virtual time: it jumps from one thing that is due to the next.
class FakeSite : public BackendSite {
 public:
  FakeSite() : machine_(settings, true) {}
  ~FakeSite() override { down(); }

  void up() override { backend = std::make_unique<FakeBackend>(machine_, &log); }
  Instant now() const override { return now_; }
  bool until(const std::function<bool()>& wanted) override {
    while (!wanted()) {
      if (machine_.deadline() == end_of_time) return false;
      pass();
    }
    return true;
  }
  void until_over(const RunKey&) override {
    while (machine_.deadline() != end_of_time) pass();
  }

 private:
  void pass() {
    now_ = std::max(now_, machine_.deadline());
    machine_.advance(now_);
  }

  FakeMachine machine_;
  Instant now_{};
};

// Real processes, which a stopped test must not leave behind.
class ProcessSite : public BackendSite {
 public:
  ProcessSite() { settings.shim_path = HANSA_SHIM_PATH; }
  ~ProcessSite() override {
    if (backend == nullptr) up();
    log.clear();  // of the test's own strays
    backend->perform(StopStrayRuns{});
    await_any<StrayRunsStopped>();
    down();
  }

  void up() override {
    auto made = make_backend("process", settings);
    ASSERT_TRUE(made.ok()) << made.error().text;
    backend = std::move(*made);
  }
  Instant now() const override { return boottime(); }
  bool until(const std::function<bool()>& wanted) override { return log.wait(wanted, std::chrono::seconds(30)); }
  void until_over(const RunKey& run) override {
    const auto status = RunFolders(folder.path()).control_of(run) + "/status";
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!std::filesystem::exists(status)) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "nobody ended the run";
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
};

}  // namespace

std::vector<NamedSite> sites_under_test() {
  return {{"fake", make_fake_site}, {"process", make_process_site}};
}
std::unique_ptr<BackendSite> make_fake_site() {
  return std::make_unique<FakeSite>();
}
std::unique_ptr<BackendSite> make_process_site() {
  return std::make_unique<ProcessSite>();
}

}  // namespace hansa
