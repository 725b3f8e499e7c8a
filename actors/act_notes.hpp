// What operators do as operators, as lines for the operator's book. What users do with their own jobs is not for it.
#pragma once

#include <functional>
#include <optional>

#include "actors/run_directory.hpp"
#include "hansa/api.hpp"
#include "hansa/audit.hpp"

namespace hansa {

// The line of a call that is about to be carried out; nothing when it is not for the book. Its outcome is not known
// yet.
std::optional<AuditNote> note_of(const Caller& caller, const ApiCall& call, const RunDirectory& directory);

// The same answer, which puts the call into the book with what became of it.
std::function<void(ApiReply)> noted(AuditNote note, const std::function<void(AuditNote)>& audit,
                                    std::function<void(ApiReply)> answer);

}  // namespace hansa
