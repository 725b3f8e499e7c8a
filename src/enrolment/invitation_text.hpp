// An invitation as one line that people paste: a word, then letters, digits, '-' and '_' only.
//
//   hansa-join-1.<base64url of the encoded InvitationLine, and six bytes of its BLAKE2b>
//
// The checksum tells a line that was cut, wrapped or altered on its way from one that was never any good.
#pragma once

#include <string>
#include <string_view>

#include "hansa/types/result.hpp"
#include "hansa/types/trust.hpp"

namespace hansa {

std::string invitation_text(const InvitationLine& line);
// Blanks around it, and line breaks that a mail program put into it, do no harm.
Result<InvitationLine> parse_invitation(std::string_view text);

}  // namespace hansa
