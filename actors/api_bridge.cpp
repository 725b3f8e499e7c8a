#include "actors/api_bridge.hpp"

#include <algorithm>

#include "actors/act_notes.hpp"
#include "actors/messages.hpp"
#include "protocol/wire/codec.hpp"
#include "src/telemetry/log.hpp"

namespace hansa {
namespace {

std::string text_of(const JobName& name) {
  return name.site.value + "-" + std::to_string(name.number) +
         (name.task == JobId::no_task ? "" : "_" + std::to_string(name.task));
}

}  // namespace

void ApiBridge::call(const Caller& caller, ApiCall call, std::function<void(ApiReply)> answer) {
  if (const auto* submit = std::get_if<SubmitJobs>(&call)) {
    if (auto checked = check_inputs(*submit); !checked) return answer(checked.error());
  }
  if (auto note = note_of(caller, call, *parts_.directory))
    answer = noted(std::move(*note), parts_.audit, std::move(answer));
  if (auto* act = std::get_if<ActOnJob>(&call); act && act->act == JobAct::rerun) attach_payload(*act);
  if (const auto* act = std::get_if<ActOnSite>(&call)) answer = audited(caller, *act, std::move(answer));
  if (auto* trust = std::get_if<TrustCall>(&call))
    return parts_.trust->call(caller, std::move(*trust), std::move(answer));
  if (!parts_.addresses->get(Role::controller)) {
    return answer(unreachable("the site's daemon is just starting or stopping; try again in a moment"));
  }
  auto admitted = gate_.enter(caller, call, answer);
  if (!admitted) return answer(admitted.error());
  parts_.addresses->tell(Role::controller, UserAsks{caller, std::move(call), std::move(*admitted)});
}

// A job that has ended is run again as a new one, which needs what the journal keeps of it.
void ApiBridge::attach_payload(ActOnJob& call) const {
  const auto id = parts_.directory->resolve(call.job);
  if (!id) return;
  if (auto payload = parts_.directory->payload_of(*id)) call.payload = std::move(*payload);
}

// Who did what to a site stays in its log, done or refused.
std::function<void(ApiReply)> ApiBridge::audited(const Caller& caller, const ActOnSite& call,
                                                 std::function<void(ApiReply)> answer) {
  return [user = caller.user, call, answer = std::move(answer)](ApiReply reply) {
    const std::string outcome = reply ? "done" : reply.error().text;
    log_event(LogSeverity::warn, "operator_acted",
              {{"act", std::string(to_word(call.act))}, {"site", call.site.value}, {"by", user}, {"outcome", outcome}});
    answer(std::move(reply));
  };
}

// A job on record has its files: what was named must have been brought before the submission.
Status ApiBridge::check_inputs(const SubmitJobs& call) const {
  for (const auto& job : call.jobs) {
    if (job.request->bundle_bytes == 0) continue;
    const auto payload = decode<JobPayload>(*job.payload);
    if (!payload) return payload.error();
    if (auto checked = parts_.staging->check_inputs(payload->inputs); !checked) return checked.error();
  }
  return success();
}

Result<ApiBridge::Found> ApiBridge::find(const Caller& caller, const JobName& name) const {
  const auto id = parts_.directory->resolve(name);
  const auto placed = id ? parts_.directory->find(*id) : std::nullopt;
  if (!placed) {
    return not_found("there is no job " + text_of(name) + " of this site; files and logs are kept at a job's origin");
  }
  // Who is called mei at a lost site is not who is called mei here.
  const bool own = name.site == parts_.site;
  if (!caller.is_operator && !own) return refusal("only an operator may read files of jobs that this site adopted");
  if (!caller.is_operator && placed->request->user != caller.user) {
    return refusal("job " + text_of(name) + " belongs to " + placed->request->user + ", not to " + caller.user);
  }
  return Found{*id, *placed};
}

void ApiBridge::read_log(const Caller& caller, const JobName& job, bool stderr_stream, std::uint64_t offset,
                         Duration wait, std::function<void(Result<LogPiece>)> answer) {
  const auto found = find(caller, job);
  if (!found) return answer(found.error());
  if (found->placed.ended && !found->placed.has_outputs) {
    return answer(LogPiece{.offset = offset, .bytes = {}, .complete = true});
  }
  // Where it goes is asked again soon, when it is nowhere yet.
  constexpr Duration placing = std::chrono::milliseconds(200);
  const staging::LogQuery query{.run = {.job = found->id, .epoch = found->placed.epoch},
                                .stream = stderr_stream ? LogStream::err : LogStream::out,
                                .offset = offset,
                                .wait = found->placed.accepted ? wait : std::min(wait, placing)};
  // A host that an award is still on its way to knows nothing of the run yet.
  parts_.staging->read_log(query, found->placed.accepted ? found->placed.host : SiteName{}, std::move(answer));
}

void ApiBridge::output_manifest(const Caller& caller, const JobName& job,
                                std::function<void(Result<JobOutputs>)> answer) {
  const auto found = find(caller, job);
  if (!found) return answer(found.error());
  if (!found->placed.ended) return answer(refusal("job " + text_of(job) + " has not ended: it has no outputs yet"));
  if (!found->placed.has_outputs) return answer(JobOutputs{});
  const auto with_names = [directory = parts_.directory, id = found->id,
                           answer = std::move(answer)](Result<Manifest> manifest) {
    if (!manifest) return answer(manifest.error());
    JobOutputs outputs{.manifest = std::move(*manifest), .stdout_path = {}, .stderr_path = {}};
    const auto encoded = directory->payload_of(id);
    if (const auto payload = encoded ? decode<JobPayload>(**encoded) : Result<JobPayload>(JobPayload{})) {
      outputs.stdout_path = payload->stdout_path;
      outputs.stderr_path = payload->stderr_path;
    }
    answer(std::move(outputs));
  };
  parts_.staging->output_manifest(found->id, with_names);
}

void ApiBridge::missing_chunks(const Caller&, std::vector<ContentHash> hashes,
                               std::function<void(Result<std::vector<ContentHash>>)> answer) {
  parts_.staging->missing_chunks(hashes, answer);
}

void ApiBridge::put_chunk(const Caller&, const ContentHash& hash, std::string zstd,
                          std::function<void(Status)> answer) {
  parts_.staging->put_chunk(hash, std::move(zstd), std::move(answer));
}

void ApiBridge::get_output_chunk(const Caller& caller, const JobName& job, const ContentHash& hash,
                                 std::function<void(Result<std::string>)> answer) {
  const auto found = find(caller, job);
  if (!found) return answer(found.error());
  parts_.staging->get_output_chunk(found->id, hash, std::move(answer));
}

}  // namespace hansa
