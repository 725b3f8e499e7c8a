// A site whose backend submits to the test Slurm of this program.
#pragma once

#include <string>
#include <vector>

#include "tests/contract/backend/backend_site.hpp"

namespace hansa {

int run_program(const std::vector<std::string>& words);
// One of deploy/slurm-testbed's programs.
int testbed(const std::string& program, std::vector<std::string> words);
std::string slurm_folder();

class SlurmSite : public BackendSite {
 public:
  SlurmSite();
  ~SlurmSite() override;

  void up() override;
  Instant now() const override { return boottime(); }
  bool until(const std::function<bool()>& wanted) override;
  void until_over(const RunKey& run) override;
  bool chooses_nodes() const override { return true; }
  Duration start_time_max() const override { return std::chrono::seconds(6); }
};

}  // namespace hansa
