#include "src/client/aliases.hpp"

#include <algorithm>

namespace hansa::client {
namespace {

constexpr Option alias_help{"help", 0, "", "this text"};

const Option squeue_options[] = {
    {"account", 'A', "LIST", "taken, and without effect: jobs have no account across sites"},
    {"all", 'a', "", "taken, and without effect"},
    {"array", 'r', "", "taken, and without effect: each task that is placed has a line"},
    {"format", 'o', "FORMAT", "columns as in '%.18i %.9P %j %T %R'"},
    {"Format", 'O', "LIST", "columns by name: JobID:12,Name,State"},
    {"job", 'j', "LIST", "only these jobs"},
    {"jobs", 0, "LIST", "the same"},
    {"json", 0, "", "print the daemon's answer in JSON"},
    {"long", 'l', "", "more columns"},
    {"me", 0, "", "only mine"},
    {"name", 'n', "LIST", "only jobs of these names"},
    {"noheader", 'h', "", "leave the header out"},
    {"partition", 'p', "LIST", "only jobs in these pools"},
    {"sort", 'S', "LIST", "by these letters of the format, each with - for downwards"},
    {"start", 0, "", "when those that wait may start"},
    {"state", 't', "LIST", "only jobs in these states, as in PENDING or PD; all for those that ended as well"},
    {"states", 0, "LIST", "the same"},
    {"user", 'u', "LIST", "only these users' jobs"},
    {"users", 0, "LIST", "the same"},
    alias_help,
};
const Option scancel_options[] = {
    {"batch", 'b', "", "taken, and without effect"},
    {"full", 'f', "", "taken, and without effect"},
    {"jobname", 'n', "NAME", "all jobs of this name"},
    {"me", 0, "", "all of mine"},
    {"name", 0, "NAME", "all jobs of this name"},
    {"partition", 'p', "POOL", "all jobs in this pool"},
    {"quiet", 'Q', "", "say nothing of jobs that have ended already"},
    {"signal", 's', "NAME", "TERM and KILL end the job; no other signal reaches it"},
    {"state", 't', "STATE", "all jobs in this state: PENDING, RUNNING"},
    {"user", 'u', "USER", "all jobs of this user"},
    {"verbose", 'v', "", "name what is cancelled"},
    alias_help,
};
const Option sinfo_options[] = {
    {"all", 'a', "", "taken, and without effect"},
    {"clusters", 'M', "LIST", "only these sites"},
    {"Format", 'O', "LIST", "columns by name: Partition,Nodes,StateLong"},
    {"format", 'o', "FORMAT", "columns as in '%9P %.5a %.6D %t %N'"},
    {"json", 0, "", "print the daemon's answer in JSON"},
    {"long", 'l', "", "more columns"},
    {"Node", 'N', "", "nodes first"},
    {"noheader", 'h', "", "leave the header out"},
    {"partition", 'p', "LIST", "only these pools"},
    {"states", 't', "LIST", "only nodes in these states: idle,mix"},
    {"state", 0, "LIST", "the same"},
    {"summarize", 's', "", "one line a pool"},
    alias_help,
};

const Verb table_of_aliases[] = {
    {.name = "sbatch",
     .summary = "submit a script as sbatch does",
     .usage = "[options] [SCRIPT [arguments]]",
     .examples = "  hansa-sbatch -N 2 -t 1:00:00 --gres=gpu:a100:8 train.sh\n  hansa-sbatch --wrap='hostname'\n"
                 "  id=$(hansa-sbatch --parsable first.sh) && hansa-sbatch -d afterok:$id then.sh\n",
     .options = {},
     .run = alias_sbatch,
     .words = Words::raw,
     .further =
         "The options are sbatch's own, and those of hansa submit that sbatch has no word for (--region, --within,\n"
         "--input, --on-partition, --checkpoint …). Without a script, it is read from standard input.\n"
         "docs/sbatch.md says what each option means here.\n",
     .is_alias = true},
    {.name = "squeue",
     .summary = "jobs that wait or run, as squeue shows them",
     .usage = "[options]",
     .examples = "  hansa-squeue --me\n  hansa-squeue -h -j 1042 -o %T\n",
     .options = squeue_options,
     .run = alias_squeue,
     .is_alias = true},
    {.name = "scancel",
     .summary = "end jobs, or take them out of the queue",
     .usage = "[options] ID…",
     .examples = "  hansa-scancel 1042 1043_7 '1044_[1-5]'\n  hansa-scancel --me --state=PENDING\n",
     .options = scancel_options,
     .run = alias_scancel,
     .is_alias = true},
    {.name = "sinfo",
     .summary = "pools of all sites, as sinfo shows partitions",
     .usage = "[options]",
     .examples = "  hansa-sinfo\n  hansa-sinfo -h -p a100 -o '%D %t %N'\n",
     .options = sinfo_options,
     .run = alias_sinfo,
     .is_alias = true},
};

struct StateWords {
  std::string_view full;
  std::string_view compact;
};
constexpr StateWords state_words[] = {
    {"PENDING", "PD"}, {"CONFIGURING", "CF"},    {"RUNNING", "R"},    {"COMPLETING", "CG"},
    {"UNKNOWN", "UN"}, {"COMPLETED", "CD"},      {"FAILED", "F"},     {"CANCELLED", "CA"},
    {"TIMEOUT", "TO"}, {"OUT_OF_MEMORY", "OOM"}, {"NODE_FAIL", "NF"}, {"PREEMPTED", "PR"},
};

}  // namespace

std::span<const Verb> aliases() {
  return table_of_aliases;
}

const Verb* find_alias(std::string_view program) {
  program = program.substr(program.find_last_of('/') + 1);
  if (program.starts_with("hansa-")) program.remove_prefix(6);
  const auto* found = std::find_if(std::begin(table_of_aliases), std::end(table_of_aliases),
                                   [&](const auto& alias) { return alias.name == program; });
  return found == std::end(table_of_aliases) ? nullptr : found;
}

std::string_view compact_state(std::string_view state) {
  for (const auto& words : state_words) {
    if (words.full == state) return words.compact;
  }
  return state;
}

std::string_view full_state(std::string_view word) {
  for (const auto& words : state_words) {
    if (words.full == word || words.compact == word) return words.full;
  }
  return {};
}

}  // namespace hansa::client
