// hansa-init: what `hansa init` starts. Apart from it, so that a submission doesn't pay for reading configuration.
#include <cstdio>
#include <string>
#include <vector>

#include "src/client/args.hpp"
#include "src/client/init_options.hpp"
#include "src/client/problem.hpp"
#include "src/config/init.hpp"

namespace {

using namespace hansa;

std::vector<std::string> all(const client::Args& args, std::string_view name) {
  std::vector<std::string> values;
  for (const auto& [option, value] : args.given) {
    if (option == name) values.push_back(value);
  }
  return values;
}

InitOptions options_from(const client::Args& args) {
  const auto last = [&](std::string_view name) { return args.last(name).value_or(""); };
  return {.folder = args.words.front(),
          .site = last("site"),
          .region = last("region"),
          .listen = last("listen"),
          .bulk_listen = last("bulk-listen"),
          .advertise = all(args, "advertise"),
          .bulk_advertise = all(args, "bulk-advertise"),
          .http = last("http"),
          .backend = last("backend"),
          .run_as = last("run-as"),
          .labels = all(args, "label"),
          .pools = all(args, "pool"),
          .peers = all(args, "peer")};
}

int fail(const Error& error) {
  std::fprintf(stderr, "hansa: %s\n", error.text.c_str());
  return client::exit_code_of(error.kind);
}

}  // namespace

int main(int count, char** words) {
  const std::vector<std::string> arguments(words + 1, words + count);
  const auto args = client::parse_args(client::init_options, arguments, client::Words::anywhere);
  if (!args) return fail(args.error());
  if (args->words.size() != 1) return fail(usage_error("one folder is wanted; see hansa init --help"));
  const auto options = options_from(*args);
  if (auto made = init_site(options); !made) return fail(made.error());
  std::printf(
      "%s is ready in %s\nstart it:   hansad --config %s/hansad.toml\ntalk to it: HANSA_SOCKET=%s/hansa.sock hansa "
      "sites\n",
      options.site.c_str(), options.folder.c_str(), options.folder.c_str(), options.folder.c_str());
}
