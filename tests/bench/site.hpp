// Real daemons for benchmarks: sites in a temporary folder, on free ports, ended by pid.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace hansa::bench {

struct SiteSpec {
  std::string name;
  std::vector<std::string> pools;
  std::string backend = "process";
};

class BenchSite {
 public:
  // Makes the site's folder; nothing runs yet.
  BenchSite(const std::filesystem::path& programs, const std::filesystem::path& folder, const SiteSpec& spec);
  ~BenchSite();
  BenchSite(const BenchSite&) = delete;
  BenchSite& operator=(const BenchSite&) = delete;

  void add_peer(const BenchSite& other);
  // Returns once the daemon answers; how long that took, in seconds.
  double start();
  void stop(int signal);

  std::string socket() const { return (folder_ / "hansa.sock").string(); }
  const std::filesystem::path& folder() const { return folder_; }
  double resident_mib() const;

 private:
  std::filesystem::path programs_;
  std::filesystem::path folder_;
  pid_t pid_ = -1;
};

// Runs a program to its end; exits the benchmark with a sentence when it fails. Returns its output.
std::string run_program(const std::vector<std::string>& words);

}  // namespace hansa::bench
