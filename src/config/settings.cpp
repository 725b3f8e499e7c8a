// The keys that say what a site is: its name, addresses, files, backend.
#include "src/config/setting.hpp"

#define HANSA_AT(field)       \
  [](auto& config) -> auto& { \
    return config.field;      \
  }

namespace hansa {
namespace {

using Seconds = std::chrono::seconds;

bool is_endpoint(std::string_view text) {
  return parse_endpoint(text).ok();
}
bool is_endpoint_or_empty(std::string_view text) {
  return text.empty() || is_endpoint(text);
}
bool is_reachable_endpoint(std::string_view text) {
  const auto endpoint = parse_endpoint(text);
  return endpoint.ok() && !endpoint->is_wildcard();
}
// An address in digits: which interface a name means could change behind the operator's back.
bool is_http_address(std::string_view text) {
  return text.empty() || (parse_endpoint("tcp://" + std::string(text)).ok() &&
                          text.find_first_not_of("0123456789abcdef.:[]") == std::string_view::npos);
}
bool is_path_or_empty(std::string_view text) {
  return text.empty() || text.starts_with('/');
}

bool is_word(std::string_view text) {
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyz0123456789-_";
  return !text.empty() && text.size() <= 63 && text.find_first_not_of(allowed) == std::string_view::npos;
}

// Words between single slashes.
bool is_region(std::string_view text) {
  if (text.empty()) return true;
  for (std::size_t begin = 0; begin <= text.size();) {
    const auto end = std::min(text.find('/', begin), text.size());
    if (!is_word(text.substr(begin, end - begin))) return false;
    begin = end + 1;
  }
  return true;
}

bool is_label(std::string_view text) {
  return !text.empty() && text.size() <= 128 && text.find_first_of(",<> \t\n") == std::string_view::npos;
}

bool is_user(std::string_view text) {
  return text.empty() || (text.size() <= 32 && is_word(text));
}

Setting site_name_setting() {
  return text_setting({"", "site", "This site's name, unique in its federation. Jobs carry it: wujiang-1042."},
                      HANSA_AT(site.value),
                      "a name of 1 to 63 of a-z, 0-9 and '-', beginning and ending with a "
                      "letter or digit",
                      [](std::string_view text) { return parse_site_name(text).ok(); });
}

// One of a few words; `to_value` gives false for any other.
template <class Access, class Value>
Setting word_setting(const About& about, Access access, const std::vector<std::pair<std::string, Value>>& words) {
  std::string allowed;
  for (const auto& [word, value] : words) allowed += (allowed.empty() ? "one of " : ", ") + word;
  return {.table = about.table,
          .key = about.key,
          .allowed = allowed,
          .meaning = about.meaning,
          .read =
              [=](const toml::node& node, SiteConfig& config) {
                const auto text = node.value_exact<std::string>();
                for (const auto& [word, value] : words) {
                  if (text == word) return access(config) = value, true;
                }
                return false;
              },
          .write =
              [=](const SiteConfig& config) {
                for (const auto& [word, value] : words) {
                  if (access(config) == value) return toml_text(word);
                }
                return toml_text("");
              }};
}

std::vector<std::pair<std::string, LogLevel>> log_levels() {
  std::vector<std::pair<std::string, LogLevel>> words;
  for (const auto level : {LogLevel::trace, LogLevel::debug, LogLevel::info, LogLevel::warn, LogLevel::error}) {
    words.emplace_back(to_word(level), level);
  }
  return words;
}

const char* const endpoint_words = "an endpoint as in \"tcp://10.0.0.1:7700\"";
const char* const endpoint_list_words =
    "a list of endpoints that others can reach, as in [\"tcp://10.0.0.1:7700\"] (no wildcard)";

std::vector<Setting> address_settings() {
  return {
      text_setting({"", "listen",
                    "Where other sites connect, for control messages. Empty: this site only dials out; it is a full "
                    "member all the same."},
                   HANSA_AT(listen), std::string(endpoint_words) + ", or empty", is_endpoint_or_empty),
      text_setting({"", "bulk_listen",
                    "Where other sites connect for files and logs, kept apart so that no bundle delays a message. Left "
                    "out: the port after that of listen."},
                   HANSA_AT(bulk_listen), std::string(endpoint_words) + ", or empty", is_endpoint_or_empty),
      list_setting({"", "advertise",
                    "What other sites are told to dial, tried in order; give outside addresses here when this site is "
                    "behind a NAT: they are never guessed. Left out: listen."},
                   HANSA_AT(advertise), endpoint_list_words, is_reachable_endpoint),
      list_setting({"", "bulk_advertise", "The same for files and logs. Left out: bulk_listen."},
                   HANSA_AT(bulk_advertise), endpoint_list_words, is_reachable_endpoint),
      text_setting({"", "enrol_listen",
                    "Where newcomers with an invitation enrol; open only while one is out. Empty: two ports above "
                    "listen."},
                   HANSA_AT(enrol_listen), std::string(endpoint_words) + ", or empty", is_endpoint_or_empty),
      list_setting({"", "enrol_advertise",
                    "What invitations name, tried in order. Left out: the hosts of advertise with enrol_listen's "
                    "port."},
                   HANSA_AT(enrol_advertise), endpoint_list_words, is_reachable_endpoint),
      text_setting({"", "http",
                    "The API over TCP, for those who show a token. Empty: the Unix socket only. Anything but loopback "
                    "needs tls_certificate and tls_key."},
                   HANSA_AT(http), "an address and port as in \"127.0.0.1:7780\", or empty", is_http_address),
      text_setting({"", "tls_certificate", "With it the API over TCP speaks TLS: the certificate and its chain, PEM."},
                   HANSA_AT(tls_certificate), "an absolute path, or empty", is_path_or_empty),
      text_setting({"", "tls_key", "The certificate's secret key, PEM, readable by its owner alone."},
                   HANSA_AT(tls_key), "an absolute path, or empty", is_path_or_empty),
      switch_setting(
          {"", "serve_http_without_tls",
           "Serve the API in the clear on an address that is not loopback: tokens, scripts and logs can then "
           "be read on the way. For networks that are encrypted otherwise."},
          HANSA_AT(serve_http_without_tls)),
      path_setting({"", "socket", "The Unix socket on which users talk to this site (HANSA_SOCKET)."},
                   HANSA_AT(socket)),
  };
}

std::vector<Setting> file_settings() {
  return {
      path_setting({"", "state", "The folder of the journal, the jobs' folders and the chunks of bundles."},
                   HANSA_AT(state)),
      path_setting({"", "identity_key", "The secret that says who this site is. Keep a copy in a safe place."},
                   HANSA_AT(keys.identity)),
      path_setting({"", "transport_key", "The secret of this site's connections."}, HANSA_AT(keys.transport)),
      path_setting({"", "api_token", "The file whose line is the bearer token of the API over TCP."},
                   HANSA_AT(api_token)),
      path_setting({"", "tokens", "The file of users' tokens, hashed; 'hansa token create' makes them."},
                   HANSA_AT(tokens)),
      path_setting(
          {"", "audit", "The folder of the book of decisions and operators' acts, which 'hansa audit verify' checks."},
          HANSA_AT(audit)),
      path_setting({"", "policy",
                    "The rules for guests, prices and what may leave; read again on SIGHUP. Without the file every "
                    "guest is taken in."},
                   HANSA_AT(policy)),
  };
}

std::vector<Setting> backend_settings() {
  const std::vector<std::pair<std::string, std::string>> kinds{
      {"process", "process"}, {"slurm", "slurm"}, {"fake", "fake"}};
  return {
      word_setting({"backend", "kind",
                    "What runs jobs here. process: ordinary processes on this machine, in the pools declared below. "
                    "slurm: the Slurm that this user can submit to; see [slurm]. "
                    "fake: nothing runs, jobs only seem to; for trying things out."},
                   HANSA_AT(backend.kind), kinds),
      text_setting({"backend", "run_as",
                    "The user that jobs run as when the daemon is started as root. Empty: nobody. Never root."},
                   HANSA_AT(backend.run_as), "a user's name other than root, or empty",
                   [](std::string_view text) { return is_user(text) && text != "root"; }),
      number_setting({"backend", "nice",
                      "How much jobs stand back behind the daemon. Lower gives jobs more and the daemon less when the "
                      "machine is full."},
                     HANSA_AT(backend.nice), 0, 19),
      duration_setting<Seconds>({"backend", "grace_s",
                                 "From TERM to KILL when a job is stopped. Longer lets jobs save more, and delays "
                                 "cancelling."},
                                HANSA_AT(backend.grace), Seconds(0), Seconds(3600)),
      text_setting({"backend", "shim", "The program that watches over one run. Empty: hansa-shim beside the daemon."},
                   HANSA_AT(backend.shim), "an absolute path, or empty",
                   [](std::string_view text) { return text.empty() || text.starts_with('/'); }),
      switch_setting(
          {"backend", "limits", "Hold jobs to their memory and cores with cgroups where the machine lets us."},
          HANSA_AT(backend.limits)),
      number_setting({"backend", "processes_max", "Processes and threads of one run; 0: no limit."},
                     HANSA_AT(backend.processes_max), 0, 1'000'000),
      switch_setting({"backend", "private_view",
                      "Jobs see neither this folder with its keys nor other jobs' folders, where the machine lets us. "
                      "Started as an ordinary user, set-uid programs then give jobs nothing."},
                     HANSA_AT(backend.private_view)),
      switch_setting({"backend", "cpu_quota", "Hold a run to its cores even when others stand idle."},
                     HANSA_AT(backend.cpu_quota)),
      text_setting({"backend", "ssh",
                    "Where Slurm's commands are run, as ssh knows it (without a password). Empty: on this machine. The "
                    "folder of the runs must be the same there, and on the nodes."},
                   HANSA_AT(backend.ssh), "a host as in \"login1\" or \"me@login1\", or empty",
                   [](std::string_view text) {
                     return text.empty() || (text.front() != '-' && text.find_first_of(" \t\n'\"") == text.npos);
                   }),
  };
}

}  // namespace

std::string_view to_word(LogLevel level) {
  switch (level) {
    case LogLevel::trace:
      return "trace";
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warn:
      return "warn";
    case LogLevel::error:
      return "error";
  }
  return "info";
}

std::vector<Setting> site_settings() {
  std::vector<Setting> settings{
      site_name_setting(),
      text_setting({"", "region", "Where it is, from the largest to the smallest: users ask for regions."},
                   HANSA_AT(region), "words between slashes as in \"cn/east/suzhou\", or empty", is_region),
      list_setting({"", "labels", "What jobs may count on here (--label): software, versions, properties."},
                   HANSA_AT(labels), "a list of words as in [\"apptainer\", \"cuda=12.2\"]", is_label),
  };
  const auto log_level =
      word_setting({"", "log_level", "How much is logged; read again on SIGHUP."}, HANSA_AT(log_level), log_levels());
  for (auto part : {address_settings(), file_settings(), std::vector{log_level}, backend_settings()}) {
    settings.insert(settings.end(), part.begin(), part.end());
  }
  for (auto& setting : settings) {
    for (const auto* key : {"site", "listen", "bulk_listen", "advertise", "bulk_advertise"}) {
      if (setting.name() == key) setting.always_written = true;
    }
  }
  return settings;
}

}  // namespace hansa
