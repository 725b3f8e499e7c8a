#include "tests/bench/site.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "tests/bench/http.hpp"

extern char** environ;

namespace hansa::bench {
namespace {

[[noreturn]] void give_up(const std::string& text) {
  std::fprintf(stderr, "bench: %s\n", text.c_str());
  std::exit(1);
}

std::uint16_t free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0) give_up("no free port");
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  close(fd);
  return ntohs(address.sin_port);
}

pid_t spawn(const std::vector<std::string>& words, int out) {
  std::vector<char*> arguments;
  for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, out, 1);
  posix_spawn_file_actions_adddup2(&actions, out, 2);
  pid_t pid = -1;
  if (posix_spawn(&pid, arguments[0], &actions, nullptr, arguments.data(), environ) != 0) {
    give_up("can't start " + words.front());
  }
  posix_spawn_file_actions_destroy(&actions);
  return pid;
}

}  // namespace

std::string run_program(const std::vector<std::string>& words) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) give_up("no pipe");
  const auto pid = spawn(words, ends[1]);
  close(ends[1]);
  std::string output;
  char buffer[4096];
  for (ssize_t got = 0; (got = read(ends[0], buffer, sizeof buffer)) > 0;) output.append(buffer, got);
  close(ends[0]);
  int status = 0;
  waitpid(pid, &status, 0);
  if (status != 0) give_up(words.front() + " failed: " + output);
  return output;
}

BenchSite::BenchSite(const std::filesystem::path& programs, const std::filesystem::path& folder, const SiteSpec& spec)
    : programs_(programs), folder_(folder / spec.name) {
  const auto endpoint = [] { return "tcp://127.0.0.1:" + std::to_string(free_port()); };
  std::vector<std::string> words{programs_ / "hansa", "init",          folder_,    "--site",   spec.name,
                                 "--region",          "bench",         "--listen", endpoint(), "--backend",
                                 spec.backend,        "--bulk-listen", endpoint()};
  for (const auto& pool : spec.pools) {
    words.push_back("--pool");
    words.push_back(pool);
  }
  run_program(words);
}

BenchSite::~BenchSite() {
  stop(SIGTERM);
}

void BenchSite::add_peer(const BenchSite& other) {
  const auto table = run_program({other.programs_ / "hansad", "--peer", other.folder_ / "hansad.toml"});
  std::ofstream(folder_ / "hansad.toml", std::ios::app) << '\n' << table;
}

double BenchSite::start() {
  const auto begin = std::chrono::steady_clock::now();
  const auto log = folder_ / "log";
  const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  pid_ = spawn({programs_ / "hansad", "--config", folder_ / "hansad.toml"}, out);
  close(out);
  const auto elapsed = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(); };
  while (elapsed() < 30) {
    HttpClient client(socket());
    if (client.connected() && client.get("/readyz").status == 200) return elapsed();
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  give_up("the daemon in " + folder_.string() + " does not answer");
}

void BenchSite::stop(int signal) {
  if (pid_ < 0) return;
  kill(pid_, signal);
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
}

double BenchSite::resident_mib() const {
  std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stod(line.substr(6)) / 1024;
  }
  return 0;
}

}  // namespace hansa::bench
