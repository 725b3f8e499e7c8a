#include "src/audit/audit_verify.hpp"

#include <fstream>
#include <optional>

#include "src/audit/audit_files.hpp"
#include "src/audit/audit_line.hpp"
#include "src/audit/seal.hpp"

namespace hansa::audit {
namespace {

class Reader {
 public:
  Reader(const SiteName& site, const IdentityKey& key) : site_(site), key_(key) {}

  Status read_file(const std::string& path, std::uint64_t first_line) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return internal_error("the audit file " + path + " can't be read; be root, or who runs hansad");
    std::uint64_t row = 0;
    for (std::string line; std::getline(file, line);) {
      ++row;
      const bool torn = file.eof();  // getline met the end before a line feed
      const auto why = torn ? std::string("it does not end") : what_is_wrong(line, row == 1 ? first_line : 0);
      if (why.empty()) continue;
      return corrupt(path + ":" + std::to_string(row) + ": line " + std::to_string(next_.number) +
                     " of the book does not hold: " + why);
    }
    return success();
  }

  const Verified& verified() const { return verified_; }

 private:
  std::string what_is_wrong(const std::string& text, std::uint64_t first_of_file) {
    const auto line = read_line(text);
    if (!line) return line.error().text;
    if (verified_.lines == 0) {  // older files may have been taken away on purpose
      next_ = {.number = first_of_file, .before = line->link.before};
      verified_.first = first_of_file;
      if (first_of_file == 1 && !line->link.before.is_zero()) return "nothing can stand before the first line";
    }
    if (line->link.number != next_.number) {
      return "it says that it is line " + std::to_string(line->link.number) + ": lines are missing or out of order";
    }
    if (first_of_file != 0 && first_of_file != next_.number) return "its file is named for another line";
    if (line->link.before != next_.before) return "the line before it is not the one that it was written after";
    if (line->seal) {
      if (auto why = what_is_wrong_with(*line->seal); !why.empty()) return why;
    }
    count(line->seal.has_value());
    next_ = {.number = next_.number + 1, .before = hash_of(text)};
    return {};
  }

  std::string what_is_wrong_with(const ReadLine::Seal& seal) const {
    if (seal.site != site_) return "its seal is of " + seal.site.value + ", not of " + site_.value;
    const SealedPoint point{.site = site_, .number = next_.number, .before = next_.before, .at = seal.at};
    return check_seal(key_, point, seal.signature) ? "" : "its seal is not by the key of " + site_.value;
  }

  void count(bool is_seal) {
    ++verified_.lines;
    verified_.unsealed = is_seal ? 0 : verified_.unsealed + 1;
    if (is_seal) ++verified_.seals;
  }

  const SiteName& site_;
  const IdentityKey& key_;
  Link next_;
  Verified verified_;
};

}  // namespace

Result<Verified> verify_book(const std::string& folder, const SiteName& site, const IdentityKey& key) {
  const auto files = files_in(folder);
  if (files.empty()) return not_found("there is no audit file in " + folder);
  Reader reader(site, key);
  for (const auto& [first, path] : files) {
    if (auto status = reader.read_file(path, first); !status) return status.error();
  }
  return reader.verified();
}

}  // namespace hansa::audit
