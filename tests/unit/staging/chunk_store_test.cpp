#include <gtest/gtest.h>

#include "src/staging/chunk.hpp"
#include "src/staging/manifest_book.hpp"
#include "tests/unit/staging/temp_folder.hpp"

namespace hansa::staging {
namespace {

using std::chrono::minutes;

class Store : public ::testing::Test {
 public:
  void open(std::uint64_t bytes_max = 1u << 30) {
    book.reset();
    chunks.reset();
    auto opened = ChunkStore::open(folder.path("chunks"),
                                   {.bytes_max = bytes_max, .grace = minutes(60), .clock = [this] { return now; }});
    ASSERT_TRUE(opened.ok()) << opened.error().text;
    chunks = std::move(opened).value();
    book = std::move(ManifestBook::open(folder.path("bundles"), *chunks)).value();
  }
  ContentHash put(const std::string& bytes) {
    const auto hash = chunk_hash(bytes);
    const auto status = chunks->put_bytes(hash, bytes);
    EXPECT_TRUE(status.ok());
    return hash;
  }
  std::string file_of(const ContentHash& hash) const {
    const auto name = hash_text(hash);
    return "chunks/" + name.substr(0, 2) + '/' + name + ".zst";
  }
  static Manifest manifest_of(const std::vector<ContentHash>& hashes) {
    Manifest manifest;
    for (const auto& hash : hashes) {
      manifest.entries.push_back({.path = hash_text(hash), .size_bytes = 1, .chunks = {hash}});
    }
    return manifest;
  }

  TempFolder folder;
  Instant now{minutes(1000)};
  std::unique_ptr<ChunkStore> chunks;
  std::unique_ptr<ManifestBook> book;
};

TEST_F(Store, KeepsChunksAcrossARestart) {
  open();
  const auto hash = put("hello");
  open();
  EXPECT_TRUE(chunks->has(hash));
  EXPECT_EQ(*chunks->read(hash), "hello");
  EXPECT_EQ(chunks->totals().chunks, 1u);
}

TEST_F(Store, RefusesAFrameThatIsNotWhatItsNameSays) {
  open();
  const auto stored = chunks->put_frame(chunk_hash("one"), seal_chunk("two"));
  ASSERT_FALSE(stored.ok());
  EXPECT_EQ(stored.error().kind, ErrorKind::corrupt);
  EXPECT_FALSE(chunks->has(chunk_hash("one")));
}

TEST_F(Store, ThrowsAwayAChunkThatWentBadOnTheDisk) {
  open();
  for (const auto* bytes : {"torn", "gone"}) put(bytes);
  folder.write(file_of(chunk_hash("torn")), "garbage");
  std::filesystem::remove(folder.path(file_of(chunk_hash("gone"))));
  EXPECT_EQ(chunks->read(chunk_hash("torn")).error().kind, ErrorKind::corrupt);
  EXPECT_EQ(chunks->read_frame(chunk_hash("gone")).error().kind, ErrorKind::not_found);
  EXPECT_EQ(chunks->missing({chunk_hash("torn"), chunk_hash("gone")}).size(), 2u);
  EXPECT_FALSE(folder.exists(file_of(chunk_hash("torn"))));
}

TEST_F(Store, RemovesWhatAKilledDaemonLeftHalfWritten) {
  folder.write("chunks/ab/.tmp-1-1", "half");
  open();
  EXPECT_FALSE(folder.exists("chunks/ab/.tmp-1-1"));
}

TEST_F(Store, NamesWhatIsMissingOnce) {
  open();
  const auto here = put("here"), absent = chunk_hash("absent");
  EXPECT_EQ(chunks->missing({absent, here, absent}), std::vector{absent});
}

TEST_F(Store, LetsGoOfWhatNobodyHoldsAfterTheGraceTime) {
  open();
  const auto held = put("held"), loose = put("loose");
  ASSERT_TRUE(book->put("job-1", manifest_of({held})).ok());
  now += minutes(59);
  EXPECT_EQ(chunks->collect_garbage(), 0u);
  now += minutes(2);
  EXPECT_GT(chunks->collect_garbage(), 0u);
  EXPECT_FALSE(chunks->has(loose));
  EXPECT_TRUE(chunks->has(held));
  book->drop("job-1");
  now += minutes(61);
  chunks->collect_garbage();
  EXPECT_FALSE(chunks->has(held));
  EXPECT_EQ(chunks->totals().bytes, 0u);
}

TEST_F(Store, HoldsAgainAfterARestartWhatTheBookNames) {
  open();
  const auto held = put("held");
  ASSERT_TRUE(book->put("job-1", manifest_of({held})).ok());
  open();
  now += minutes(61);
  chunks->collect_garbage();
  EXPECT_TRUE(chunks->has(held));
  EXPECT_EQ(*book->get("job-1"), manifest_of({held}));
}

TEST_F(Store, CountsHoldersAndReleasesEachOnce) {
  open();
  const auto shared = put("shared");
  ASSERT_TRUE(book->put("job-1", manifest_of({shared})).ok());
  ASSERT_TRUE(book->put("job-2", manifest_of({shared})).ok());
  ASSERT_TRUE(book->put("job-2", manifest_of({shared, shared})).ok()) << "put again replaces";
  book->drop("job-1");
  book->drop("job-1");
  now += minutes(61);
  chunks->collect_garbage();
  EXPECT_TRUE(chunks->has(shared));
  book->drop("job-2");
  now += minutes(61);
  chunks->collect_garbage();
  EXPECT_FALSE(chunks->has(shared));
}

TEST_F(Store, MakesRoomOutOfWhatNobodyHoldsOldestFirst) {
  open();
  const auto held = put(noise(1000, 1)), older = put(noise(1000, 2)), newer = put(noise(1000, 3));
  ASSERT_TRUE(book->put("job", manifest_of({held})).ok());
  ASSERT_TRUE(book->put("old", manifest_of({older})).ok());
  ASSERT_TRUE(book->put("new", manifest_of({newer})).ok());
  book->drop("old");
  now += minutes(1);
  book->drop("new");
  open(3500);
  chunks->hold({});
  const auto another = put(noise(1000, 4));
  EXPECT_TRUE(chunks->has(another));
  EXPECT_TRUE(chunks->has(held));
  EXPECT_EQ(chunks->totals().chunks, 3u);
}

TEST_F(Store, DoesNotEvictWhatAClientWasJustPromised) {
  open(1500);
  const auto promised = put(noise(1000, 1));
  const auto status = chunks->put_bytes(chunk_hash(noise(1000, 2)), noise(1000, 2));
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind, ErrorKind::overloaded);
  EXPECT_TRUE(chunks->has(promised));
  now += minutes(61);
  EXPECT_TRUE(chunks->put_bytes(chunk_hash(noise(1000, 2)), noise(1000, 2)).ok());
}

TEST(Book, RemovesAFileThatMakesNoSense) {
  TempFolder folder;
  folder.write("bundles/job-1.manifest", "rubbish");
  const auto chunks = ChunkStore::open(folder.path("chunks"), {});
  const auto book = ManifestBook::open(folder.path("bundles"), **chunks);
  ASSERT_TRUE(book.ok());
  EXPECT_TRUE((*book)->holders().empty());
  EXPECT_FALSE(folder.exists("bundles/job-1.manifest"));
}

}  // namespace
}  // namespace hansa::staging
