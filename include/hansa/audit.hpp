// What an operator may later want to prove: who asked for what, what was decided and why. Data; whoever performs
// effects writes it down (src/audit).
#pragma once

#include <string>

namespace hansa {

struct AuditNote {
  std::string act;      // "bid", "award", "token", "drain": a short list, docs/operators.md
  std::string actor;    // "ana@wujiang", "operator zhu", "wujiang"
  std::string subject;  // what it was about: "wujiang-1042", "pool a100", "changshu"
  bool allowed = true;
  std::string text;  // how it was decided, for people
  // The same decision again and again is one line with a count; of those that are each worth a line it is false.
  bool repeats = false;

  bool operator==(const AuditNote&) const = default;
};

}  // namespace hansa
