#include "actors/api_bridge.hpp"

#include <algorithm>

#include "actors/messages.hpp"
#include "protocol/wire/codec.hpp"

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
  note_act(caller, call);
  if (!parts_.addresses->get(Role::controller)) {
    return answer(unreachable("the site's daemon is just starting or stopping; try again in a moment"));
  }
  parts_.addresses->tell(Role::controller, UserAsks{caller, std::move(call), std::move(answer)});
}

// What operators do as operators is for the book; what users do with their own jobs is not.
void ApiBridge::note_act(const Caller& caller, const ApiCall& call) const {
  const auto actor = "operator " + caller.user + (caller.token.empty() ? "" : " by token " + caller.token);
  if (const auto* act = std::get_if<ActOnSite>(&call)) {
    parts_.audit({.act = act->act == SiteAct::drain ? "drain" : "resume",
                  .actor = caller.is_operator ? actor : caller.user,
                  .subject = "this site",
                  .allowed = caller.is_operator,
                  .text = caller.is_operator ? "" : "only operators may"});
  }
  const auto* act = std::get_if<ActOnJob>(&call);
  if (!act || !caller.is_operator) return;
  const auto id = parts_.directory->resolve(act->job);
  const auto placed = id ? parts_.directory->find(*id) : std::nullopt;
  if (!placed || placed->request->user == caller.user) return;
  parts_.audit({.act = std::string(to_word(act->act)),
                .actor = actor,
                .subject = text_of(act->job),
                .text = "a job of " + placed->request->user});
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
                                std::function<void(Result<Manifest>)> answer) {
  const auto found = find(caller, job);
  if (!found) return answer(found.error());
  if (!found->placed.ended) return answer(refusal("job " + text_of(job) + " has not ended: it has no outputs yet"));
  if (!found->placed.has_outputs) return answer(Manifest{});
  parts_.staging->output_manifest(found->id, std::move(answer));
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
