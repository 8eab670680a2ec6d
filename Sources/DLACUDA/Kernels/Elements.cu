// What maps are made of.

/// Sixteen bytes: what is copied at once, and what channels of maps are padded to.
typedef uint4 Chunk;

struct Half {
  unsigned short bits;
};

struct BFloat16 {
  unsigned short bits;
};

/// What maps hold; `-D` says it.
typedef STORED Stored;
