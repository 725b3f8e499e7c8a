// hansa-init: what `hansa init` starts. Apart from it, so that a submission doesn't pay for reading configuration.
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "src/audit/audit_verify.hpp"
#include "src/client/args.hpp"
#include "src/client/init_options.hpp"
#include "src/client/problem.hpp"
#include "src/config/init.hpp"
#include "src/config/policy_file.hpp"
#include "src/config/site_config.hpp"
#include "src/identity/key_text.hpp"

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

// Rules alone, and whether they fit the site that the file lies beside.
int check_policy_file(const std::string& path) {
  const auto say = [](const Error& error) {
    std::fprintf(stderr, "hansa: %s\n", error.text.c_str());
    return client::exit_code_of(error.kind);
  };
  const auto rules = load_policy(path);
  if (!rules) return say(rules.error());
  const auto beside = (std::filesystem::path(path).parent_path() / "hansad.toml").string();
  std::string whose = "; there is no hansad.toml beside it, so its pools were not looked for";
  if (std::filesystem::exists(beside)) {
    const auto config = load_config(beside);
    if (!config) return say(config.error());
    const bool slurm_knows_pools = config->backend.kind == "slurm" && config->pools.empty();
    whose = "; the pools are Slurm's, and were not looked for";
    if (!slurm_knows_pools) {
      if (auto fits = check_policy(*rules, config->pools, geteuid() == 0); !fits) return say(fits.error());
      whose = ", and fits " + config->site.value;
    }
  }
  std::printf("%s is sound: %zu rules for guests, %zu for what leaves%s\n", path.c_str(), rules->guests.size(),
              rules->send.size(), whose.c_str());
  return 0;
}

struct Book {
  std::string folder;
  SiteName site;
  IdentityKey key;
};

// A site's folder tells whose book it is and which key signs it; a book alone comes with both.
Result<Book> find_book(const std::vector<std::string>& words) {
  if (words.size() == 3) {
    const auto key = parse_key<IdentityKey>(words[2]);
    if (!key) return key.error();
    return Book{words[0], {words[1]}, *key};
  }
  const auto config = load_config(words[0] + "/hansad.toml");
  if (!config) return config.error();
  const auto keys = load_keys(config->keys);
  if (!keys) return keys.error();
  return Book{config->audit, config->site, keys->identity};
}

int verify_audit(const std::vector<std::string>& words) {
  const auto book = find_book(words);
  const auto verified =
      book ? audit::verify_book(book->folder, book->site, book->key) : Result<audit::Verified>(book.error());
  if (!verified) {
    std::fprintf(stderr, "hansa: %s\n", verified.error().text.c_str());
    return client::exit_code_of(verified.error().kind);
  }
  const auto count = [](std::uint64_t number) { return static_cast<unsigned long long>(number); };
  std::printf("the book of %s holds: %llu lines from line %llu on, %llu seals", book->site.value.c_str(),
              count(verified->lines), count(verified->first), count(verified->seals));
  if (verified->unsealed > 0) std::printf("; the last %llu are not sealed yet", count(verified->unsealed));
  std::printf("\n");
  return 0;
}

int fail(const Error& error) {
  std::fprintf(stderr, "hansa: %s\n", error.text.c_str());
  return client::exit_code_of(error.kind);
}

}  // namespace

int main(int count, char** words) {
  const std::vector<std::string> arguments(words + 1, words + count);
  if (arguments.size() == 2 && arguments[0] == "--check-policy") return check_policy_file(arguments[1]);
  if (arguments.size() > 1 && arguments[0] == "--verify-audit") {
    return verify_audit({arguments.begin() + 1, arguments.end()});
  }
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
