#include "src/backends/process/claim.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cinttypes>
#include <cstdio>

#include "src/backends/process/run_files.hpp"

namespace hansa {

static constexpr const char* claim_name = "claim";

ClaimAttempt make_claim(int control_folder, const Claim& claim) {
  std::array<char, 160> text{};
  if (claim.by_host) {
    std::snprintf(text.data(), text.size(), "host %" PRId64, claim.made_at_ms);
  } else {
    std::snprintf(text.data(), text.size(), "wrapper %d %" PRIu64 " %s %" PRId64, claim.wrapper.pid,
                  claim.wrapper.start_ticks, claim.wrapper.boot.c_str(), claim.made_at_ms);
  }
  if (::symlinkat(text.data(), control_folder, claim_name) == 0) return ClaimAttempt::won;
  return errno == EEXIST ? ClaimAttempt::taken : ClaimAttempt::failed;
}

std::optional<Claim> read_claim(int control_folder) {
  std::array<char, 160> text{};
  if (::readlinkat(control_folder, claim_name, text.data(), text.size() - 1) < 0) return std::nullopt;
  Claim claim;
  std::array<char, 48> boot{};
  const auto fields = std::sscanf(text.data(), "wrapper %d %" SCNu64 " %47s %" SCNd64, &claim.wrapper.pid,
                                  &claim.wrapper.start_ticks, boot.data(), &claim.made_at_ms);
  claim.wrapper.boot = boot.data();
  if (fields == 4) return claim;
  // Whatever else stands there was not made by a wrapper: nothing starts under it.
  claim = Claim{.by_host = true};
  std::sscanf(text.data(), "host %" SCNd64, &claim.made_at_ms);
  return claim;
}

std::optional<ProcessFacts> process_facts(pid_t pid) {
  std::array<char, 32> path{};
  std::snprintf(path.data(), path.size(), "/proc/%d/stat", pid);
  const Fd file = open_patiently([&] { return ::open(path.data(), O_RDONLY | O_CLOEXEC); });
  if (!file.valid()) return std::nullopt;
  std::array<char, 1024> text{};
  if (::read(file.get(), text.data(), text.size() - 1) <= 0) return std::nullopt;
  // The name in parentheses may hold anything; the fields follow its last ')'.
  const std::string_view whole(text.data());
  const auto name_end = whole.rfind(')');
  if (name_end == whole.npos) return std::nullopt;
  ProcessFacts facts;
  const auto fields = std::sscanf(text.data() + name_end + 1,
                                  " %c %d %*d %d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %" SCNu64,
                                  &facts.state, &facts.parent, &facts.session, &facts.start_ticks);
  if (fields != 4) return std::nullopt;
  return facts;
}

std::string read_boot_id() {
  const Fd file = open_patiently([] { return ::open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC); });
  std::array<char, 37> text{};
  if (!file.valid() || ::read(file.get(), text.data(), 36) != 36) return "unknown";
  return text.data();
}

}  // namespace hansa
