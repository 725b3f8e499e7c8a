// What Slurm's commands print, in whatever release. The first byte says which.
#include "src/backends/slurm/slurm_text.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace hansa;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto text = fuzz::text_of(data + 1, size - 1);
  switch (data[0] % 6) {
    case 0:
      for (const auto& job : slurm::parse_jobs(text)) fuzz::promise(job.id != 0, "a job has a number");
      break;
    case 1:
      (void)slurm::parse_nodes(text);
      break;
    case 2:
      (void)slurm::parse_accounted(text);
      break;
    case 3:
      (void)slurm::parse_submitted(text);
      (void)slurm::parse_test_only(text);
      break;
    case 4:
      (void)slurm::expand_hosts(text);
      break;
    default:
      (void)slurm::count_accelerators(text);
      (void)slurm::parse_memory_mib(text);
      (void)slurm::parse_utc(text);
  }
  return 0;
}
