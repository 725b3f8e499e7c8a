// Job scripts with #SBATCH and #HANSA lines, as users of Slurm have them.
#include "src/client/directives.hpp"
#include "src/client/sbatch_options.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace hansa;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  const auto directives = client::read_directives(text, "job.sh");
  if (!directives) {
    fuzz::promise(!directives.error().text.empty(), "a bad line is named");
    return 0;
  }
  client::SubmitForm form;
  const auto applied = client::apply_sbatch_lines(directives->sbatch, "job.sh", form);
  fuzz::promise(applied.ok() || !applied.error().text.empty(), "a bad option is named");
  return 0;
}
