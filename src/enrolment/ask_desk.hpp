// The newcomer's side of the desk: takes the question there and brings the answer, or says why it could not.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "hansa/types/result.hpp"
#include "hansa/types/trust.hpp"

namespace hansa::enrolment {

// Blocks, for some seconds at most. The endpoints of the invitation are tried in order.
Result<Enrolled> ask_desk(const InvitationLine& line, const SignedEnrolment& request);

// Whether anybody takes a connection there, within so many milliseconds; else why not.
Status can_connect(const std::string& endpoint, int within_ms);

}  // namespace hansa::enrolment
