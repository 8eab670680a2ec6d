// The element types of feature maps.

/// Sixteen bytes: the unit of copies, and of the padding of channels.
typedef uint4 Chunk;

struct Half {
  unsigned short bits;
};

struct BFloat16 {
  unsigned short bits;
};

/// The element type of feature maps, defined by the compiler's options.
typedef STORED Stored;
