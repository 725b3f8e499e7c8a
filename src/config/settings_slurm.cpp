// The keys of [slurm], for sites whose backend is Slurm.
#include "src/config/setting.hpp"

#define HANSA_SLURM(field)     \
  [](auto& config) -> auto& {  \
    return config.slurm.field; \
  }

namespace hansa {
namespace {

bool is_slurm_path(std::string_view text) {
  return text.empty() || text.starts_with('/');
}
bool is_slurm_word(std::string_view text) {
  return text.find_first_of(" \t\n") == text.npos && !text.starts_with('-');
}
bool is_partition_map(std::string_view text) {
  const auto equals = text.find('=');
  return equals != text.npos && equals > 0 && equals + 1 < text.size() && is_slurm_word(text);
}
bool is_sbatch_option(std::string_view text) {
  return text.starts_with("--") && text.find_first_of(" \t\n") == text.npos;
}
// "wujiang --account=guests --qos=low"
bool is_origin_line(std::string_view text) {
  const auto space = text.find(' ');
  return space != text.npos && space > 0 && text.find_first_not_of(' ', space) != text.npos &&
         text.substr(text.find_first_not_of(' ', space)).starts_with("--") && text.find('\n') == text.npos;
}

std::vector<Setting> slurm_place_settings() {
  return {
      text_setting(
          {"slurm", "conf", "The cluster's slurm.conf (SLURM_CONF). Empty: as the daemon's environment has it."},
          HANSA_SLURM(conf), "an absolute path, or empty", is_slurm_path),
      text_setting({"slurm", "bin", "The folder of sbatch, squeue, scancel, sinfo and sacct. Empty: PATH."},
                   HANSA_SLURM(bin), "an absolute path, or empty", is_slurm_path),
      text_setting({"slurm", "runs",
                    "The folder of the jobs' folders. Every node must see it under the same path. Empty: in the state "
                    "folder."},
                   HANSA_SLURM(runs), "an absolute path, or empty", is_slurm_path),
      list_setting({"slurm", "partitions",
                    "Which partition is which pool, where their names differ. Without any [[pool]] every partition is "
                    "one, or several if its nodes differ; with them, their nodes are counted by Slurm."},
                   HANSA_SLURM(partitions), "a list as in [\"a100=gpu-long\", \"cpu=batch\"]", is_partition_map),
  };
}

std::vector<Setting> slurm_policy_settings() {
  return {
      text_setting({"slurm", "account", "The account that jobs are charged to in Slurm. Empty: the user's own."},
                   HANSA_SLURM(account), "a word, or empty", is_slurm_word),
      text_setting({"slurm", "qos", "The quality of service of jobs. Empty: the account's own."}, HANSA_SLURM(qos),
                   "a word, or empty", is_slurm_word),
      text_setting({"slurm", "reservation", "The reservation in which jobs run."}, HANSA_SLURM(reservation),
                   "a word, or empty", is_slurm_word),
      list_setting({"slurm", "arguments", "Further options of every sbatch."}, HANSA_SLURM(arguments),
                   "a list as in [\"--nice=100\"]", is_sbatch_option),
      list_setting(
          {"slurm", "origin_arguments",
           "Options of sbatch for the jobs of one origin, after its name; of * for all guests. They come last, "
           "and so win."},
          HANSA_SLURM(origin_arguments), "a list as in [\"* --qos=low\", \"taihu --account=friends\"]", is_origin_line),
      number_setting({"slurm", "ahead_max",
                      "Jobs that stand in Slurm's line while Slurm's own users wait there too. More get their turn "
                      "sooner; fewer can still go to another site at once."},
                     HANSA_SLURM(ahead_max), 0, 10'000),
  };
}

std::vector<Setting> slurm_time_settings() {
  return {
      duration_setting<std::chrono::milliseconds>(
          {"slurm", "poll_min_ms",
           "How often Slurm is asked (one squeue and one sinfo for everything) while things "
           "happen. Longer spares its controller and delays what is seen."},
          HANSA_SLURM(poll_min), std::chrono::milliseconds(100), std::chrono::milliseconds(600'000)),
      duration_setting<std::chrono::milliseconds>({"slurm", "poll_max_ms", "… and while nothing does."},
                                                  HANSA_SLURM(poll_max), std::chrono::milliseconds(100),
                                                  std::chrono::milliseconds(600'000)),
      duration_setting<std::chrono::seconds>(
          {"slurm", "command_s", "What one of Slurm's commands may take before it is ended and Slurm counts as away."},
          HANSA_SLURM(command_time), std::chrono::seconds(1), std::chrono::seconds(600)),
      duration_setting<std::chrono::seconds>(
          {"slurm", "pulse_s",
           "How often a run's wrapper shows that it lives and looks whether it shall stop. Shorter "
           "notices a lost node sooner and writes more."},
          HANSA_SLURM(pulse), std::chrono::seconds(1), std::chrono::seconds(300)),
      duration_setting<std::chrono::seconds>(
          {"slurm", "clock_skew_s",
           "How far the nodes' wall clocks may differ from this machine's. Leases end that much "
           "sooner there."},
          HANSA_SLURM(clock_skew), std::chrono::seconds(0), std::chrono::seconds(600)),
      duration_setting<std::chrono::seconds>(
          {"slurm", "give_up_s", "When Slurm has not answered for so long, guests that wait are given back."},
          HANSA_SLURM(give_up), std::chrono::seconds(1), std::chrono::seconds(86'400)),
  };
}

}  // namespace

std::vector<Setting> slurm_settings() {
  std::vector<Setting> settings;
  for (auto part : {slurm_place_settings(), slurm_policy_settings(), slurm_time_settings()})
    settings.insert(settings.end(), part.begin(), part.end());
  return settings;
}

}  // namespace hansa
