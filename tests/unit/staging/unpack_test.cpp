#include <fcntl.h>
#include <gtest/gtest.h>

#include "src/staging/beneath.hpp"
#include "tests/unit/staging/memory_chunks.hpp"
#include "tests/unit/staging/temp_folder.hpp"

namespace hansa::staging {
namespace {

mode_t mode_of(const TempFolder& folder, const std::string& name) {
  struct stat facts {};
  EXPECT_EQ(0, ::lstat(folder.path(name).c_str(), &facts)) << name;
  return facts.st_mode & 07777;
}

ManifestEntry file_of(MemoryChunks& chunks, const std::string& path, const std::string& bytes,
                      std::uint32_t mode = 0644) {
  (void)chunks.put(chunk_hash(bytes), bytes);
  return {.path = path, .mode = mode, .size_bytes = bytes.size(), .chunks = {chunk_hash(bytes)}};
}

TEST(Unpack, WritesFilesFoldersAndLinks) {
  TempFolder from, to;
  const auto large = noise(chunk_bytes_max + 3);
  from.write("d/large", large);
  from.write("run.sh", "echo");
  ::chmod(from.path("run.sh").c_str(), 0755);
  from.link("d/l", "../run.sh");
  from.folder("empty");
  MemoryChunks chunks;
  const auto packed = pack_folder(from.path(), {}, chunks);
  ASSERT_TRUE(packed.ok());
  for (int again = 0; again < 2; ++again) {
    const auto unpacked = unpack(*packed, to.path("made/here"), chunks, {});
    ASSERT_TRUE(unpacked.ok()) << unpacked.error().text;
  }
  EXPECT_EQ(to.read("made/here/d/large"), large);
  EXPECT_EQ(to.read("made/here/d/l"), "echo");
  EXPECT_EQ(mode_of(to, "made/here/run.sh"), 0755u);
  EXPECT_TRUE(std::filesystem::is_directory(to.path("made/here/empty")));
  NullSink sink;
  EXPECT_EQ(*pack_folder(to.path("made/here"), {}, sink), *packed);
}

TEST(Unpack, CutsPermissionsDown) {
  TempFolder to;
  MemoryChunks chunks;
  Manifest manifest;
  manifest.entries = {file_of(chunks, "suid", "x", 06777),
                      file_of(chunks, "closed", "y", 0),
                      {.path = "sticky", .kind = EntryKind::folder, .mode = 01777},
                      {.path = "shut", .kind = EntryKind::folder, .mode = 0},
                      file_of(chunks, "shut/in", "z")};
  ASSERT_TRUE(unpack(manifest, to.path(), chunks, {}).ok());
  EXPECT_EQ(mode_of(to, "suid"), 0755u);
  EXPECT_EQ(mode_of(to, "closed"), 0600u);
  EXPECT_EQ(mode_of(to, "sticky"), 0755u);
  EXPECT_EQ(mode_of(to, "shut"), 0700u);
}

TEST(Unpack, NeverWritesThroughALinkThatIsThereAlready) {
  TempFolder to, outside;
  outside.write("victim", "precious");
  to.link("f", outside.path("victim"));
  MemoryChunks chunks;
  ASSERT_TRUE(unpack({{file_of(chunks, "f", "new")}}, to.path(), chunks, {}).ok());
  EXPECT_EQ(outside.read("victim"), "precious");
  EXPECT_EQ(to.read("f"), "new");
  to.link("d", outside.path());
  EXPECT_FALSE(unpack({{file_of(chunks, "d/victim", "new")}}, to.path(), chunks, {}).ok());
  EXPECT_EQ(outside.read("victim"), "precious");
}

TEST(Unpack, WritesNothingOfAManifestThatIsNotSound) {
  TempFolder to;
  MemoryChunks chunks;
  EXPECT_FALSE(
      unpack({{file_of(chunks, "good", "g"), file_of(chunks, "../bad", "b")}}, to.path("in"), chunks, {}).ok());
  EXPECT_FALSE(to.exists("in"));
  EXPECT_FALSE(to.exists("bad"));
}

// Two files of two chunks each, no two alike, that come when the test says so.
struct ComingInPieces {
  ComingInPieces() {
    from.write("a", noise(2 * chunk_bytes_max));
    from.write("b", noise(chunk_bytes_max + 5, 2));
    NullSink sink;
    manifest = *pack_folder(from.path(), {}, sink);
    for (const auto& entry : manifest.entries) order.insert(order.end(), entry.chunks.begin(), entry.chunks.end());
  }
  void come(std::size_t i) { (void)here.put(order[i], *PackedChunks(from.path(), manifest).read(order[i])); }
  Result<bool> go_on() { return unpacking.go_on(manifest, to.path("in"), here, {}); }

  TempFolder from, to;
  Manifest manifest;
  std::vector<ContentHash> order;
  MemoryChunks here;
  Unpacking unpacking;
};

TEST(Unpacking, GoesAsFarAsTheChunksReachThatAreHere) {
  ComingInPieces bundle;
  const std::vector<std::uintmax_t> size_of_a = {0, chunk_bytes_max, 2 * chunk_bytes_max, 2 * chunk_bytes_max};
  for (std::size_t i = 0; i < bundle.order.size(); ++i) {
    EXPECT_EQ(*bundle.go_on(), false);
    EXPECT_EQ(std::filesystem::file_size(bundle.to.path("in/a")), size_of_a[i]);
    bundle.come(i);
  }
  EXPECT_EQ(*bundle.go_on(), true);
  EXPECT_EQ(*bundle.go_on(), true) << "asked again";
  NullSink sink;
  EXPECT_EQ(*pack_folder(bundle.to.path("in"), {}, sink), bundle.manifest);
}

TEST(Unpacking, WaitsForTheFirstThatIsMissingWhateverElseIsHere) {
  ComingInPieces bundle;
  for (const std::size_t i : {1u, 2u, 3u}) bundle.come(i);
  EXPECT_EQ(*bundle.go_on(), false);
  EXPECT_EQ(std::filesystem::file_size(bundle.to.path("in/a")), 0u);
  bundle.come(0);
  EXPECT_EQ(*bundle.go_on(), true);
  EXPECT_EQ(bundle.to.read("in/a"), bundle.from.read("a"));
  EXPECT_EQ(bundle.to.read("in/b"), bundle.from.read("b"));
}

TEST(Unpacking, WritesOnIntoItsOwnFileWhenAnotherTookItsName) {
  ComingInPieces bundle;
  TempFolder outside;
  outside.write("victim", "precious");
  bundle.come(0);
  EXPECT_EQ(*bundle.go_on(), false);
  std::filesystem::remove(bundle.to.path("in/a"));
  bundle.to.link("in/a", outside.path("victim"));
  for (const std::size_t i : {1u, 2u, 3u}) bundle.come(i);
  EXPECT_EQ(*bundle.go_on(), true);
  EXPECT_EQ(outside.read("victim"), "precious");
}

TEST(Unpacking, GoesOnAfterAChunkThatWasDamaged) {
  ComingInPieces bundle;
  for (const std::size_t i : {0u, 1u, 2u, 3u}) bundle.come(i);
  bundle.here.damage(bundle.order[1]);
  const auto damaged = bundle.go_on();
  ASSERT_FALSE(damaged.ok());
  EXPECT_EQ(damaged.error().kind, ErrorKind::corrupt);
  bundle.come(1);
  EXPECT_EQ(*bundle.go_on(), true);
  EXPECT_EQ(bundle.to.read("in/a"), bundle.from.read("a"));
}

TEST(Unpack, RefusesAChunkOfAnotherLengthThanTheFileSays) {
  TempFolder to;
  MemoryChunks chunks;
  auto entry = file_of(chunks, "f", "four");
  entry.size_bytes = 5;
  EXPECT_FALSE(unpack({{entry}}, to.path(), chunks, {}).ok());
}

TEST(Unpack, PassesTheSourcesErrorOn) {
  TempFolder to;
  MemoryChunks chunks;
  Manifest manifest{{{.path = "f", .size_bytes = 1, .chunks = {chunk_hash("?")}}}};
  const auto unpacked = unpack(manifest, to.path(), chunks, {});
  ASSERT_FALSE(unpacked.ok());
  EXPECT_EQ(unpacked.error().kind, ErrorKind::not_found);
}

TEST(Unpack, GivesEverythingToItsOwner) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root gives files away";
  TempFolder to;
  MemoryChunks chunks;
  Manifest manifest{{file_of(chunks, "d/f", "x"), {.path = "l", .kind = EntryKind::link, .target = "d/f"}}};
  ASSERT_TRUE(unpack(manifest, to.path(), chunks, {.owner = Owner{65534, 65534}}).ok());
  for (const auto* name : {"d", "d/f", "l"}) {
    struct stat facts {};
    ASSERT_EQ(0, ::lstat(to.path(name).c_str(), &facts));
    EXPECT_EQ(facts.st_uid, 65534u) << name;
  }
}

// Both ways of opening must give the same answers: the kernel's and the one it is replaced by.
using Opener = Fd (*)(int, const std::string&, int, mode_t);
class Beneath : public ::testing::TestWithParam<Opener> {};
INSTANTIATE_TEST_SUITE_P(Openers, Beneath, ::testing::Values(&open_beneath, &open_beneath_by_component));

TEST_P(Beneath, OpensWhatIsInsideAndNothingElse) {
  TempFolder folder, outside;
  outside.write("secret", "s");
  folder.write("a/b/c", "x");
  folder.link("a/out", outside.path());
  folder.link("a/in", "b");
  folder.link("a/file", "b/c");
  const auto root = open_folder(folder.path());
  const auto opens = [&](const std::string& path) { return GetParam()(root->get(), path, O_RDONLY, 0).valid(); };
  for (const auto* good : {"a", "a/b", "a/b/c", "."}) EXPECT_TRUE(opens(good)) << good;
  for (const auto& bad : {std::string("a/out/secret"), std::string("a/out"), std::string("a/in/c"),
                          std::string("a/file"), std::string(".."), std::string("a/../../x"), outside.path("secret"),
                          std::string(""), std::string("a/b/c/d"), std::string("missing")}) {
    EXPECT_FALSE(opens(bad)) << bad;
  }
  EXPECT_TRUE(GetParam()(root->get(), "a/new", O_WRONLY | O_CREAT | O_EXCL, 0600).valid());
  EXPECT_FALSE(GetParam()(root->get(), "a/out/new", O_WRONLY | O_CREAT, 0600).valid());
  EXPECT_FALSE(outside.exists("new"));
}

}  // namespace
}  // namespace hansa::staging
