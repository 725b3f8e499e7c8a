// The operator's files: hansad.toml and the policy. A policy that is read decides without trouble, whoever asks. The
// first byte says which.
#include "src/config/policy_file.hpp"
#include "src/config/site_config.hpp"
#include "src/policy/rule_policy.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace hansa;

namespace {

void ask(const PolicyRules& rules) {
  const RulePolicy policy(rules);
  const SiteName origin{"wujiang"};
  const std::string region = "cn/east";
  const Pool pool{.name = "a100", .model = "nvidia-a100", .nodes = 4, .per_node = {8, 64, 1024}};
  JobRequest request{.user = "ana"};
  request.resources.per_node.accelerators = 8;
  for (const std::uint64_t used : {0u, 16u, 32u}) {
    const auto ruling = policy.on_guest({.origin = origin,
                                         .region = region,
                                         .request = request,
                                         .pool = pool,
                                         .units = 8,
                                         .at = {1'795'435'200'000},
                                         .units_of_guests = used,
                                         .units_of_origin = used});
    fuzz::promise(ruling.accepted || !ruling.rule.empty(), "a decline names its rule");
    fuzz::promise(!(ruling.price_per_unit_hour < 0), "no price is below nothing");
  }
  (void)policy.on_send({.request = request, .site = origin, .region = region});
  (void)policy.limits_of("ana");
  fuzz::promise(policy.account_of(origin, "ana") != "root", "nobody is mapped to root");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto text = fuzz::text_of(data + 1, size - 1);
  if (data[0] % 2 == 0) {
    const auto rules = parse_policy(text, "policy.toml");
    if (rules) ask(*rules);
  } else {
    (void)parse_config(text, "/srv/taihu/hansad.toml");
  }
  return 0;
}
