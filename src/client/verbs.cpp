#include "src/client/verbs.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "src/client/formats.hpp"
#include "src/client/init_options.hpp"
#include "src/client/problem.hpp"
#include "src/client/submit_form.hpp"
#include "src/client/table.hpp"

namespace hansa::client {
namespace {

constexpr Option json_option{"json", 0, "", "print the daemon's answer in JSON, whose fields docs/users.md lists"};
constexpr Option help_option{"help", 0, "", "this text"};
constexpr Option noheader_option{"noheader", 'h', "", "leave the header out"};

const Option plain_options[] = {help_option};
const Option json_options[] = {json_option, help_option};
const Option table_options[] = {json_option, noheader_option, help_option};
const Option list_options[] = {
    {"user", 'u', "USER", "only this user's"},
    {"me", 0, "", "only mine"},
    {"name", 'n', "NAME", "only jobs of this name"},
    {"state", 't', "STATE[,STATE…]", "only jobs in these states: PENDING,RUNNING"},
    {"limit", 0, "N", "only the first so many"},
    json_option,
    noheader_option,
    help_option,
};
const Option history_options[] = {
    {"user", 'u', "USER", "only this user's"},
    {"me", 0, "", "only mine"},
    {"name", 'n', "NAME", "only jobs of this name"},
    {"state", 't', "STATE[,STATE…]",
     "only jobs that ended so: COMPLETED,FAILED,CANCELLED,TIMEOUT,OUT_OF_MEMORY,NODE_FAIL"},
    {"limit", 0, "N", "only the last so many"},
    json_option,
    noheader_option,
    help_option,
};
const Option cancel_options[] = {
    {"user", 'u', "USER", "all jobs of this user"},
    {"name", 'n', "NAME", "all jobs of this name"},
    {"state", 't', "STATE[,STATE…]", "all jobs in these states"},
    help_option,
};
const Option logs_options[] = {
    {"follow", 'f', "", "go on until the job has ended"},
    {"stderr", 'e', "", "standard error instead of standard output"},
    help_option,
};

const Option policy_options[] = {
    {"from", 0, "SITE", "test: a guest of this site; without it, where may a job of this site's user go?"},
    {"from-region", 0, "PATH", "test: where that site is, if this one does not know it"},
    {"user", 'u', "USER", "test: whose job it is"},
    {"gpus", 'G', "N", "test: accelerators of the whole job"},
    {"gpu", 0, "MODEL[,MODEL…]", "test: acceptable models"},
    {"nodes", 'N', "N", "test: nodes"},
    {"cpus", 'c', "N", "test: cores"},
    {"mem", 0, "SIZE", "test: memory of each node"},
    {"time", 't', "TIME", "test: time limit"},
    {"name", 'J', "NAME", "test: the job's name"},
    {"at", 0, "MOMENT", "test: as if it were then, in UTC: 2026-11-23T22:00"},
    {"policy", 0, "FILE", "test: this draft instead of the policy in force"},
    json_option,
    help_option,
};

const Option token_options[] = {
    {"user", 'u', "NAME", "create: whose it is"},
    {"role", 0, "ROLE", "create: reader, user (default) or operator"},
    {"expires", 0, "TIME", "create: for how long it is good: 12h, 30d (default), a year at most"},
    json_option,
    noheader_option,
    help_option,
};

const Option audit_options[] = {
    {"site", 0, "NAME", "whose book it is"},
    {"key", 0, "KEY", "that site's identity key, when only the book is at hand"},
    help_option,
};

constexpr std::string_view submit_further =
    "A script is read for #SBATCH lines (job-name, nodes, ntasks, ntasks-per-node, cpus-per-task, mem, mem-per-cpu,\n"
    "gres=gpu[:MODEL]:N, gpus, gpus-per-node, gpus-per-task, time, array, dependency, output, error, chdir, export,\n"
    "constraint, requeue, hold, comment; others are passed on to Slurm hosts and named in a warning), then for #HANSA\n"
    "lines, which take the options above. The command line wins over both.\n"
    "--output GLOB names files to bring back; in #SBATCH lines --output FILE names the stdout file, as in Slurm.\n";

const Verb all_verbs[] = {
    {"submit",
     "submit a job",
     "[options] SCRIPT [arguments]\n       hansa submit [options] -- COMMAND [arguments]",
     "  hansa submit train.sh\n"
     "  hansa submit --gpus 8 --gpu a100,h800,ascend910b --time 2h -- python train.py\n"
     "  hansa submit --array 1-100%10 --input data --output 'out/*.png' render.sh\n"
     "  hansa submit --dependency afterok:wujiang-1042 --wrap 'tar cf all.tar out'\n"
     "  hansa submit --test-only --pflops 2 train.sh\n",
     {},
     run_submit,
     Words::end_options,
     submit_further},
    {"queue", "jobs that wait or run", "[options]", "  hansa queue --me\n  hansa queue --state PENDING --noheader\n",
     list_options, run_queue},
    {"history", "jobs that have ended, the latest below", "[options]",
     "  hansa history --me --limit 20\n  hansa history --user ann --state FAILED,TIMEOUT --json\n", history_options,
     run_history},
    {"job", "everything about one job", "ID", "  hansa job wujiang-1042\n", json_options, run_job},
    {"why", "why a job runs where it does, or waits: bids, reasons, choice", "ID", "  hansa why wujiang-1042\n",
     json_options, run_why},
    {"logs", "what a job prints, wherever it runs", "ID [-f]", "  hansa logs -f wujiang-1042\n", logs_options,
     run_logs},
    {"wait", "wait until jobs have ended; exits with their exit code", "ID…",
     "  hansa wait wujiang-1042 wujiang-1043 && echo both are done\n", plain_options, run_wait},
    {"cancel", "end jobs, or take them out of the queue", "ID… | --user USER | --name NAME | --state STATE",
     "  hansa cancel wujiang-1042\n  hansa cancel --name train --state PENDING\n", cancel_options, run_cancel},
    {"fetch", "write a job's output files to a folder", "ID [DIR]",
     "  hansa fetch wujiang-1042 results\n  hansa fetch wujiang-1043_7 task7\n", plain_options, run_fetch,
     Words::anywhere,
     "DIR is the job's id unless another is named. The id of an array fetches each ended task into DIR/TASK, says "
     "which\n"
     "tasks it could not fetch and why, and then exits with 1.\n"},
    {"hold", "keep waiting jobs from being placed", "ID…", "  hansa hold wujiang-1042\n", plain_options, run_hold},
    {"release", "let held jobs be placed", "ID…", "  hansa release wujiang-1042\n", plain_options, run_release},
    {"rerun", "give up a job's run and place it again", "ID…", "  hansa rerun wujiang-1042\n", plain_options, run_rerun,
     Words::anywhere,
     "The old run is stopped as soon as its host hears of it: while the host is silent, both may be alive.\n"},
    {"sites", "the sites of the federation, as seen from here", "[options]", "  hansa sites\n", table_options,
     run_sites},
    {"capacity", "what the sites have and what is free", "[options]", "  hansa capacity --json\n", table_options,
     run_capacity},
    {"version", "this command's version and the daemon's", "", "  hansa version\n", json_options, run_version},
    {"init", "make a site in a folder, ready to run (operators)", "DIR --site NAME [options]",
     "  hansa init /srv/taihu --site taihu --region cn/east/suzhou --listen tcp://127.0.0.1:7700 \\\n"
     "    --pool name=a100,model=nvidia-a100,nodes=4,accelerators=8,cpus=128,memory_gb=1024,tflops=312,price=6.8\n",
     init_options, run_init},
    {"policy", "check, try out or show the rules for guests (operators)", "check FILE | test [options] | show",
     "  hansa policy check policy.toml\n"
     "  hansa policy test --from wujiang --user ana --gpus 8 --time 2h\n"
     "  hansa policy test --user ana --policy draft.toml\n",
     policy_options, run_policy, Words::anywhere,
     "A changed file is in force after kill -HUP; one with a mistake leaves the policy as it was.\n"},
    {"token", "make, list or revoke tokens for the API over TCP (operators)",
     "create --user NAME [options] | list | revoke ID",
     "  hansa token create --user ana --expires 30d\n  hansa token create --user screen --role reader\n"
     "  hansa token revoke 3f2a90b1\n",
     token_options, run_token, Words::anywhere,
     "A token is shown once; the site keeps its hash. Readers only look; users submit and act on their own jobs.\n"},
    {"audit", "check that the book of decisions is as it was written (operators)", "verify [DIR] [--key KEY]",
     "  hansa audit verify /srv/taihu\n  hansa audit verify copied-book --site taihu --key 1f9c…\n", audit_options,
     run_audit, Words::anywhere,
     "DIR is a site's folder (default: that of $HANSA_SOCKET), or with --site and --key the folder of the book alone.\n"
     "Names the first line that does not hold, and exits with 1.\n"},
    {"drain", "take no guests and no new work here (operators)", "", "  hansa drain\n", plain_options, run_drain},
    {"resume", "end a drain (operators)", "", "  hansa resume\n", plain_options, run_resume},
};

std::span<const Option> options_of(const Verb& verb) {
  return verb.name == "submit" ? submit_options() : verb.options;
}

const char* environment(const char* name) {
  const auto* value = std::getenv(name);
  return value ? value : "";
}

bool wants_colour() {
  return isatty(STDOUT_FILENO) != 0 && *environment("NO_COLOR") == '\0' &&
         std::string_view(environment("TERM")) != "dumb";
}

int fail(const Error& error, std::string_view verb) {
  complain(error.text +
           (error.kind == ErrorKind::usage && !verb.empty() ? "; see hansa " + std::string(verb) + " --help" : ""));
  return exit_code_of(error.kind);
}

int run_verb(const Verb& verb, std::vector<std::string> arguments) {
  const auto args = parse_args(options_of(verb), arguments, verb.words);
  if (!args) return fail(args.error(), verb.name);
  if (args->has("help")) {
    print(help_of(verb));
    return 0;
  }
  auto address = find_daemon(environment("HANSA_SOCKET"), environment("HANSA_URL"), environment("HANSA_TOKEN"));
  if (!address) return fail(address.error(), "");
  Daemon daemon(std::move(*address));
  Context context{.daemon = daemon, .coloured = wants_colour(), .all = std::move(arguments)};
  const auto outcome = verb.run(context, *args);
  if (std::fflush(stdout) != 0) return fail(internal_error("the answer could not be written to standard output"), "");
  return outcome ? *outcome : fail(outcome.error(), verb.name);
}

const Verb* find_verb(std::string_view name) {
  const auto* found =
      std::find_if(std::begin(all_verbs), std::end(all_verbs), [&](const auto& verb) { return verb.name == name; });
  return found == std::end(all_verbs) ? nullptr : found;
}

constexpr std::size_t help_column = 30;
constexpr std::size_t help_width = 100;

// What is said of an option, in lines that end before the screen does.
std::string wrapped(std::string_view help) {
  std::string text;
  std::size_t at = help_column;
  for (const auto& word : split(help, ' ')) {
    const auto width = shown_width(word);
    if (at > help_column && at + 1 + width > help_width) {
      text += "\n" + std::string(help_column, ' ');
      at = help_column;
    }
    if (at > help_column) text += ' ';
    text += word;
    at += width + (at > help_column ? 1 : 0);
  }
  return text;
}

}  // namespace

std::span<const Verb> verbs() {
  return all_verbs;
}

void print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

void complain(std::string_view text) {
  std::fflush(stdout);
  std::fprintf(stderr, "hansa: %.*s\n", static_cast<int>(text.size()), text.data());
}

std::string help_of(const Verb& verb) {
  std::string text = "hansa " + std::string(verb.name) + ": " + std::string(verb.summary) + "\n\nusage: hansa " +
                     std::string(verb.name) + (verb.usage.empty() ? "" : " ") + std::string(verb.usage) +
                     "\n\noptions:\n";
  for (const auto& option : options_of(verb)) {
    std::string left = option.letter ? "  -" + std::string(1, option.letter) + ", " : "      ";
    left += "--" + std::string(option.name) + (option.value.empty() ? "" : " " + std::string(option.value));
    const auto width = shown_width(left);
    text += left + (width < help_column ? std::string(help_column - width, ' ') : "\n" + std::string(help_column, ' '));
    text += wrapped(option.help) + "\n";
  }
  if (!verb.further.empty()) text += "\n" + std::string(verb.further);
  return text + "\nexamples:\n" + std::string(verb.examples);
}

std::string help_of_all() {
  std::string text = "hansa: submit jobs to a federation of sites and follow them\n\nusage: hansa VERB [options] …\n\n";
  for (const auto& verb : all_verbs) {
    text += "  " + std::string(verb.name) + std::string(10 - verb.name.size(), ' ') + std::string(verb.summary) + "\n";
  }
  return text +
         "\nhansa VERB --help shows its options and an example. Jobs are named as in wujiang-1042; a number alone is "
         "a\n"
         "job of this site. The daemon is found at $HANSA_SOCKET, else at $HANSA_URL with $HANSA_TOKEN, else at\n" +
         std::string(system_socket) + ".\nexample: hansa submit train.sh && hansa queue --me\n";
}

int run_command(const std::vector<std::string>& arguments) {
  const auto first = arguments.empty() ? std::string("--help") : arguments.front();
  if (first == "--help" || first == "help") {
    const auto* about = arguments.size() > 1 ? find_verb(arguments[1]) : nullptr;
    print(about ? help_of(*about) : help_of_all());
    return arguments.empty() ? exit_usage : 0;
  }
  const auto* verb = find_verb(first == "--version" ? "version" : first);
  if (!verb) return fail(usage_error("there is no verb '" + first + "'; hansa --help lists them"), "");
  return run_verb(*verb, {arguments.begin() + 1, arguments.end()});
}

}  // namespace hansa::client
