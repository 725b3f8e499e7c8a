// hansad: the daemon of one site. Parses, wires, runs; waits for signals.
#include <malloc.h>
#include <signal.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>

#include <atomic>
#include <cstdio>
#include <string>
#include <string_view>

#include "src/bin/hansad/daemon.hpp"
#include "src/bin/hansad/options.hpp"
#include "src/clock/heap.hpp"
#include "src/clock/time_slice.hpp"

namespace {

constexpr int exit_usage = 2;
constexpr int exit_config = 78;  // EX_CONFIG
constexpr int exit_failed = 1;

constexpr std::string_view help =
    "hansad --config FILE   the daemon of one site (hansa init DIR writes the file)\n"
    "hansad --check FILE    reads the file, says what is wrong with it, and ends\n"
    "hansad --peer FILE     prints this site as others add it to their hansad.toml, then: kill -HUP\n"
    "hansad --version\n"
    "SIGHUP reads the peers and the policy again; SIGTERM hands back what can be and leaves running jobs running.\n";

std::atomic<bool> failed{false};

void on_fatal(const std::string& text) {
  spdlog::critical("event=fatal text=\"{}\"", text);
  failed = true;
  kill(getpid(), SIGTERM);
}

void set_up_log(hansa::LogLevel level) {
  auto logger = spdlog::stderr_color_mt("hansad");
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v", spdlog::pattern_time_type::utc);
  spdlog::set_default_logger(logger);
  spdlog::set_level(spdlog::level::from_str(std::string(hansa::to_word(level))));
}

// A descriptor or two for each run and user: the soft limit is for programs that use select().
void raise_file_limit() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

// Jobs are parsed in one thread and kept by another: more arenas are more half-empty ones. Large passing buffers, as of
// a request with 10,000 jobs, go back to the system when they are done with.
void be_frugal_with_memory() {
  mallopt(M_ARENA_MAX, 2);
  hansa::give_large_buffers_back();
}

sigset_t watched_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGUSR2}) sigaddset(&set, number);
  return set;
}

void on_restart() {
  kill(getpid(), SIGUSR2);
}

// Whether the daemon shall begin anew.
bool watch(hansa::Daemon& daemon, const std::string& config_path) {
  const auto signals = watched_signals();
  std::uint64_t watchdog_us = 0;
  sd_watchdog_enabled(0, &watchdog_us);
  const timespec every{.tv_sec = watchdog_us > 0 ? static_cast<time_t>(watchdog_us / 3'000'000) : 3600, .tv_nsec = 1};
  while (true) {
    const int number = sigtimedwait(&signals, nullptr, &every);
    if (number == SIGTERM || number == SIGINT) return false;
    if (number == SIGUSR2) return true;
    if (number == SIGHUP) {
      const auto done = daemon.reload(config_path);
      if (!done) spdlog::error("event=reload_refused text=\"{}\"", done.error().text);
    }
    if (watchdog_us > 0 && daemon.is_alive(std::chrono::seconds(10))) sd_notify(0, "WATCHDOG=1");
  }
}

int run(const std::string& config_path) {
  auto config = hansa::load_config(config_path);
  if (!config) {
    std::fprintf(stderr, "hansad: %s\n", config.error().text.c_str());
    return exit_config;
  }
  set_up_log(config->log_level);
  const auto signals = watched_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  raise_file_limit();
  be_frugal_with_memory();
  hansa::ask_for_slice(hansa::short_slice_ns);
  while (true) {
    const auto site = config->site.value;
    auto daemon = hansa::Daemon::start(std::move(*config), on_fatal, on_restart);
    if (!daemon) {
      std::fprintf(stderr, "hansad: %s\n", daemon.error().text.c_str());
      return exit_failed;
    }
    spdlog::info("event=ready site={} version={}", site, hansa::hansa_version);
    sd_notify(0, "READY=1");
    const bool again = watch(**daemon, config_path);
    if (!again) sd_notify(0, "STOPPING=1");
    spdlog::info("event={} site={}", again ? "restarting" : "stopping", site);
    daemon->reset();
    if (!again) return failed ? exit_failed : 0;
    config = hansa::load_config(config_path);
    if (config) continue;
    std::fprintf(stderr, "hansad: %s\n", config.error().text.c_str());
    return exit_config;
  }
}

int print_peer(const std::string& config_path) {
  const auto config = hansa::load_config(config_path);
  const auto keys = config ? hansa::load_keys(config->keys) : hansa::Result<hansa::SiteKeys>(config.error());
  if (!keys) {
    std::fprintf(stderr, "hansad: %s\n", keys.error().text.c_str());
    return exit_config;
  }
  std::fputs(hansa::peer_table(hansa::as_peer(*config, *keys)).c_str(), stdout);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view verb = argc > 1 ? argv[1] : "";
  if (verb == "--help" || verb == "-h") return std::fputs(help.data(), stdout) < 0;
  if (verb == "--version") return std::printf("hansad %s\n", hansa::hansa_version) < 0;
  if (verb == "--check" && argc == 3) {
    const auto config = hansa::load_config(argv[2]);
    if (!config) std::fprintf(stderr, "hansad: %s\n", config.error().text.c_str());
    return config ? 0 : exit_config;
  }
  if (verb == "--peer" && argc == 3) return print_peer(argv[2]);
  if (verb != "--config" || argc != 3) {
    std::fprintf(stderr, "hansad: say which site to run: hansad --config DIR/hansad.toml (hansad --help)\n");
    return exit_usage;
  }
  return run(argv[2]);
}
