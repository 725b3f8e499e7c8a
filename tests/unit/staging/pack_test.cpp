#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "src/staging/pack.hpp"
#include "tests/unit/staging/memory_chunks.hpp"
#include "tests/unit/staging/temp_folder.hpp"

namespace hansa::staging {
namespace {

std::vector<std::string> paths_of(const Manifest& manifest) {
  std::vector<std::string> paths;
  for (const auto& entry : manifest.entries) paths.push_back(entry.path);
  return paths;
}

std::string refusal_of(const TempFolder& folder) {
  NullSink sink;
  const auto packed = pack_folder(folder.path(), {}, sink);
  return packed.ok() ? "" : packed.error().text;
}

void make_socket(const std::string& path) {
  const Fd fd(::socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(0, ::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address));
}

TEST(Pack, NamesFilesFoldersAndLinksInOrder) {
  TempFolder folder;
  folder.write("b/two", "2");
  folder.write("a", "1");
  folder.folder("empty");
  folder.link("b/up", "../a");
  MemoryChunks chunks;
  const auto packed = pack_folder(folder.path(), {}, chunks);
  ASSERT_TRUE(packed.ok()) << packed.error().text;
  EXPECT_EQ(paths_of(*packed), (std::vector<std::string>{"a", "b", "b/two", "b/up", "empty"}));
  EXPECT_EQ(packed->entries[3].target, "../a");
  EXPECT_EQ(packed->entries[0].chunks, std::vector{chunk_hash("1")});
  EXPECT_EQ(chunks.size(), 2u);
}

TEST(Pack, CutsFilesIntoChunksOfFourMebibytes) {
  TempFolder folder;
  const auto bytes = noise(2 * chunk_bytes_max + 5);
  folder.write("large", bytes);
  folder.write("exact", std::string(chunk_bytes_max, 'x'));
  folder.write("empty", "");
  MemoryChunks chunks;
  const auto packed = pack_folder(folder.path(), {}, chunks);
  ASSERT_TRUE(packed.ok());
  EXPECT_EQ(packed->entries[0].chunks.size(), 0u);
  EXPECT_EQ(packed->entries[1].chunks.size(), 1u);
  ASSERT_EQ(packed->entries[2].chunks.size(), 3u);
  EXPECT_EQ(packed->entries[2].chunks[2], chunk_hash(bytes.substr(2 * chunk_bytes_max)));
}

TEST(Pack, RefusesByNameWhatCannotTravel) {
  {
    TempFolder folder;
    folder.folder("run");
    ASSERT_EQ(0, ::mkfifo(folder.path("run/pipe").c_str(), 0600));
    EXPECT_EQ(refusal_of(folder), "'run/pipe' is a pipe, which can't travel");
  }
  {
    TempFolder folder;
    make_socket(folder.path("door"));
    EXPECT_EQ(refusal_of(folder), "'door' is a socket, which can't travel");
  }
  {
    TempFolder folder;
    folder.link("way-out", "/etc/passwd");
    EXPECT_EQ(refusal_of(folder), "'way-out' is a link to '/etc/passwd', which leaves the folder");
  }
  {
    TempFolder folder;
    folder.write(".hansa/stdout", "x");
    EXPECT_NE(refusal_of(folder).find("'.hansa'"), std::string::npos);
  }
  {
    TempFolder folder;
    folder.write("bad\xff", "x");
    EXPECT_NE(refusal_of(folder).find("UTF-8"), std::string::npos);
  }
}

TEST(Pack, RefusesADeviceByName) {
  TempFolder folder;
  if (::mknod(folder.path("null").c_str(), S_IFCHR | 0666, 0x103) != 0) GTEST_SKIP() << "only root makes devices";
  EXPECT_EQ(refusal_of(folder), "'null' is a device, which can't travel");
}

TEST(Pack, HoldsToItsLimits) {
  TempFolder folder;
  folder.write("a", "12345");
  folder.write("b", "12345");
  NullSink sink;
  EXPECT_TRUE(pack_folder(folder.path(), {.bytes_max = 10}, sink).ok());
  EXPECT_FALSE(pack_folder(folder.path(), {.bytes_max = 9}, sink).ok());
  EXPECT_TRUE(pack_folder(folder.path(), {.entries_max = 2}, sink).ok());
  EXPECT_FALSE(pack_folder(folder.path(), {.entries_max = 1}, sink).ok());
}

TEST(Pack, NoticesAFileThatChangesWhileItIsRead) {
  TempFolder folder;
  folder.write("log", noise(chunk_bytes_max + 10));
  MemoryChunks chunks;
  chunks.after_put = [&] { std::ofstream(folder.path("log"), std::ios::app) << "more"; };
  const auto packed = pack_folder(folder.path(), {}, chunks);
  ASSERT_FALSE(packed.ok());
  EXPECT_EQ(packed.error().text, "'log' changed while it was being read");
}

TEST(PackInputs, TakesPathsFoldersAndGlobs) {
  TempFolder folder;
  for (const auto* name : {"train.py", "data/1.csv", "data/2.csv", "data/notes", "lib/x/y.py", ".secret", "other"}) {
    folder.write(name, name);
  }
  NullSink sink;
  const auto packed = pack_inputs(folder.path(), {"train.py", "data/*.csv", folder.path("lib")}, {}, sink);
  ASSERT_TRUE(packed.ok()) << packed.error().text;
  EXPECT_EQ(paths_of(*packed),
            (std::vector<std::string>{"data/1.csv", "data/2.csv", "lib", "lib/x", "lib/x/y.py", "train.py"}));
  EXPECT_EQ(pack_inputs(folder.path(), {"."}, {}, sink)->entries.size(), 10u);
  EXPECT_TRUE(pack_inputs(folder.path(), {}, {}, sink)->empty());
}

TEST(PackInputs, RefusesWhatNamesNothingOrLiesOutside) {
  TempFolder folder;
  folder.write("a", "1");
  NullSink sink;
  for (const std::string bad : {"nothing", "*.csv", "/etc/passwd", "../x", "a/../../x", ""}) {
    EXPECT_FALSE(pack_inputs(folder.path(), {"a", bad}, {}, sink).ok()) << bad;
  }
}

TEST(PackInputs, DoesNotGoThroughALink) {
  TempFolder folder, outside;
  outside.write("secret", "s");
  folder.link("way", outside.path());
  NullSink sink;
  EXPECT_FALSE(pack_inputs(folder.path(), {"way/secret"}, {}, sink).ok());
  EXPECT_FALSE(pack_inputs(folder.path(), {"way"}, {}, sink).ok());
}

TEST(PackedChunks, AreReadAgainAndNoticeAChange) {
  TempFolder folder;
  const auto bytes = noise(chunk_bytes_max + 7);
  folder.write("f", bytes);
  NullSink sink;
  const auto packed = pack_folder(folder.path(), {}, sink);
  const PackedChunks chunks(folder.path(), *packed);
  const auto last = packed->entries[0].chunks[1];
  EXPECT_EQ(*chunks.read(last), bytes.substr(chunk_bytes_max));
  folder.write("f", noise(chunk_bytes_max + 7, 2));
  EXPECT_FALSE(chunks.read(last).ok());
  EXPECT_FALSE(chunks.read(chunk_hash("unknown")).ok());
}

}  // namespace
}  // namespace hansa::staging
