// What users send: addresses, jobs in JSON, manifests, and job names. The first byte says which.
#include <nlohmann/json.hpp>

#include "src/gateway/http.hpp"
#include "src/gateway/json_job.hpp"
#include "src/gateway/json_manifest.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace hansa;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto text = fuzz::text_of(data + 1, size - 1);
  const gateway::JobFormContext context{.site = {"wujiang"}, .store = {}, .caller = {.user = "ana"}};
  if (data[0] % 4 == 0) {
    gateway::HttpRequest request;
    if (gateway::parse_target(text, request)) {
      fuzz::promise(request.path.find('\0') == std::string::npos, "no path holds a NUL");
    }
  } else if (data[0] % 4 == 1) {
    const auto job = gateway::parse_job(text, context);
    if (job) fuzz::promise(job->request.user == "ana", "a user submits in their own name");
  } else if (data[0] % 4 == 2) {
    const auto value = nlohmann::json::parse(text, nullptr, false);
    if (!value.is_discarded()) (void)gateway::read_manifest(value);
  } else {
    (void)gateway::read_job_name(text, context.site);
    (void)parse_array(text);
    (void)parse_pool(text);
  }
  return 0;
}
