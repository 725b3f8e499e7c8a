// What lies in a state folder, judged by the first bytes of its journal alone.
//
// SQLite would happily open a stranger's database, and repair it by the logs beside it, before anyone could ask whose
// it is. So the header is read first: SQLite's own mark, and the application id that every Hansa journal carries from
// its first commit on. Neither ever changes, hence a log that waits to be replayed can't make this wrong.
#pragma once

#include <cstdint>
#include <filesystem>

#include "hansa/types/result.hpp"

namespace hansa {

inline constexpr std::uint32_t journal_application_id = 0x48616e73;  // "Hans"

enum class JournalFile : std::uint8_t { absent, ours };

// An Error of kind corrupt for everything else: a foreign file, a damaged one, a log that lost its journal.
Result<JournalFile> inspect_journal(const std::filesystem::path& file);

// Whether the journal has a log beside it with anything in it.
bool has_log(const std::filesystem::path& file);

// An empty file that only its owner may read: scripts and environments are nobody else's business. SQLite gives its
// other files the same mode.
Status create_journal_file(const std::filesystem::path& file);

// Makes the log as long as it will be between two checkpoints, if it is shorter. A sync of bytes that overwrite others
// takes half as long as one that makes a file longer; SQLite takes zeros for an empty log.
Status extend_log(const std::filesystem::path& file, std::uint64_t bytes);

}  // namespace hansa
