#include <gtest/gtest.h>
#include <zstd.h>

#include "src/staging/chunk.hpp"
#include "tests/unit/staging/temp_folder.hpp"

namespace hansa::staging {
namespace {

std::string frame_of(const std::string& bytes) {
  std::string frame(ZSTD_compressBound(bytes.size()), '\0');
  frame.resize(ZSTD_compress(frame.data(), frame.size(), bytes.data(), bytes.size(), 1));
  return frame;
}

// Without a stated size, as a hostile sender might make it.
std::string unsized_frame_of(const std::string& bytes) {
  std::string frame(ZSTD_compressBound(bytes.size()), '\0');
  auto* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
  frame.resize(ZSTD_compress2(context, frame.data(), frame.size(), bytes.data(), bytes.size()));
  ZSTD_freeCCtx(context);
  return frame;
}

TEST(Chunk, IsReadBackAsItWasSealed) {
  for (const auto& bytes : {std::string("a"), std::string(100'000, 'x'), noise(chunk_bytes_max)}) {
    const auto opened = open_chunk(chunk_hash(bytes), seal_chunk(bytes));
    ASSERT_TRUE(opened.ok()) << opened.error().text;
    EXPECT_EQ(*opened, bytes);
  }
}

TEST(Chunk, IsNamedByBlake2b256OfItsBytes) {
  EXPECT_EQ(hash_text(chunk_hash("")), "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
  EXPECT_EQ(hash_text(chunk_hash("abc")), "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
}

TEST(Chunk, ThatUnpacksToMoreThanAChunkIsRefusedWhateverItClaims) {
  const std::string bomb(chunk_bytes_max + 1, '\0');
  for (const auto& frame : {frame_of(bomb), unsized_frame_of(bomb), unsized_frame_of(std::string(1u << 28, '\0'))}) {
    const auto opened = open_chunk(chunk_hash(bomb), frame);
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().kind, ErrorKind::corrupt);
  }
}

TEST(Chunk, OfExactlyFourMebibytesWithoutAStatedSizeIsTaken) {
  const std::string bytes(chunk_bytes_max, 'z');
  EXPECT_TRUE(open_chunk(chunk_hash(bytes), unsized_frame_of(bytes)).ok());
}

TEST(Chunk, ThatIsDamagedAnywhereIsCorrupt) {
  const auto bytes = noise(5'000);
  const auto whole = seal_chunk(bytes);
  for (std::size_t i = 0; i < whole.size(); i += 97) {
    auto damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x20);
    const auto opened = open_chunk(chunk_hash(bytes), damaged);
    EXPECT_EQ(opened.ok() ? *opened : bytes, bytes) << "at " << i;  // some bits mean nothing to zstd
  }
  for (std::size_t size : {std::size_t{0}, std::size_t{1}, whole.size() / 2, whole.size() - 1}) {
    EXPECT_FALSE(open_chunk(chunk_hash(bytes), whole.substr(0, size)).ok()) << size;
  }
  EXPECT_FALSE(open_chunk(chunk_hash(bytes), whole + "x").ok());
  EXPECT_FALSE(open_chunk(chunk_hash("other"), whole).ok());
}

TEST(Chunk, IsReadFromItsHexNameOnlyWhenThatIsWhole) {
  const auto hash = chunk_hash("abc");
  EXPECT_EQ(*parse_hash(hash_text(hash)), hash);
  for (const auto& bad : {std::string(), std::string(63, 'a'), std::string(65, 'a'), std::string(64, 'g')}) {
    EXPECT_FALSE(parse_hash(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace hansa::staging
