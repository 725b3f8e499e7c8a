#include "src/backends/fake/fake_backend.hpp"

#include "src/backends/process/run_files.hpp"

namespace hansa {

Result<std::string> FakeBackend::folder_of(const RunKey& run) {
  if (!machine_.keeps_files()) return std::string();
  const auto root = machine_.folders().make_root();
  if (!root) return root.error();
  const auto made = machine_.folders().make(run);
  if (!made) return made.error();
  return machine_.folders().work_of(run);
}

std::string FakeBackend::stdout_file(const RunKey& run) const {
  return machine_.folders().control_of(run) + "/stdout";
}

std::string FakeBackend::stderr_file(const RunKey& run) const {
  return machine_.folders().control_of(run) + "/stderr";
}

FakeClock::FakeClock(FakeMachine& machine) : machine_(machine), thread_([this] { run(); }) {}

FakeClock::~FakeClock() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void FakeClock::look_again() {
  {
    const std::lock_guard lock(mutex_);
    changed_since_ = true;
  }
  changed_.notify_one();
}

void FakeClock::run() {
  while (true) {
    machine_.advance(Instant{Duration(boottime_us())});
    const auto due = machine_.deadline().time_since_epoch().count() - boottime_us();
    const auto wait = std::chrono::microseconds(std::clamp<std::int64_t>(due, 0, 3'600'000'000));
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, wait, [this] { return stopping_ || changed_since_; });
    changed_since_ = false;
    if (stopping_) return;
  }
}

namespace {

// A machine, its clock and a backend on it, in one.
class TimedFakeBackend : public Backend {
 public:
  explicit TimedFakeBackend(const BackendSettings& settings)
      : machine_(settings, true), backend_(machine_, settings.handler), clock_(machine_) {}

  BackendAbilities abilities() const override { return backend_.abilities(); }
  void perform(const BackendCommand& command) override {
    machine_.advance(Instant{Duration(boottime_us())});
    backend_.perform(command);
    clock_.look_again();
  }
  Result<std::string> folder_of(const RunKey& run) override { return backend_.folder_of(run); }
  std::string stdout_file(const RunKey& run) const override { return backend_.stdout_file(run); }
  std::string stderr_file(const RunKey& run) const override { return backend_.stderr_file(run); }

 private:
  FakeMachine machine_;
  FakeBackend backend_;
  FakeClock clock_;
};

}  // namespace

Result<std::unique_ptr<Backend>> make_fake_backend(const BackendSettings& settings) {
  const auto made = RunFolders(settings.state_folder).make_root();
  if (!made) return made.error();
  return std::unique_ptr<Backend>(std::make_unique<TimedFakeBackend>(settings));
}

}  // namespace hansa
