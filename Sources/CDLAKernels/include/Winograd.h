#pragma once

#include "Base.h"

// Winograd's minimal filtering F(m×m, 3×3): m×m outputs of a 3×3 convolution from (m + 2)² products
// (Lavin and Gray, arXiv:1509.09308); with stride 2 from (2m + 1)².
typedef enum __attribute__((enum_extensibility(closed))) : int32_t {
  // F(2×2, 3×3).
  WinogradTileTwo,
  // F(4×4, 3×3).
  WinogradTileFour,
  // F(4×4, 3×3) with stride 2.
  WinogradTileFourStride2,
} WinogradTile;

// Some points of a side in their order: all but `skipped` of them in the middle.
typedef struct DLA_SENDABLE {
  intptr_t count;
  // The first that follows the skipped ones.
  intptr_t split;
  intptr_t skipped;
} WinogradPoints;

// The place of one tile; distances hold for every channel block of a feature map.
typedef struct DLA_SENDABLE {
  // The input above and left of the tile's first pixel.
  intptr_t source;
  // The tile's first pixel in the output, and in the shortcut.
  intptr_t destination;
  intptr_t shortcut;
  // Outputs of each side, inputs of a column, and the points of a row.
  intptr_t rows;
  intptr_t columns;
  intptr_t inputRows;
  WinogradPoints points;
} WinogradTilePlace;

#pragma clang assume_nonnull begin

// Tiles of one channel block: transforms between pixels and the Winograd domain take some of these.
typedef struct {
  WinogradTile tile;
  // Points of a side of a whole tile.
  intptr_t side;
  const WinogradTilePlace *places;
  intptr_t count;
  // Point 0 of the first tile lies at the call's source or destination, tiles are sixteen floats
  // apart, and points this far.
  intptr_t pointStep;
  // Room for the points of one tile of one vector.
  float *scratch;
} WinogradTiles;

// Input pixels to the Winograd domain: B^T d B.
typedef struct {
  WinogradTiles tiles;
  const float *source;
  intptr_t sourceRow;
  float *destination;
} WinogradInputCall;

// The Winograd domain to output pixels: A^T m A, plus bias and shortcut, and ReLU.
typedef struct {
  WinogradTiles tiles;
  const float *source;
  // Sixteen values.
  const float *bias;
  float *destination;
  intptr_t destinationRow;
  // Added before the ReLU.
  const float *_Nullable shortcut;
  intptr_t shortcutRow;
  bool relu;
} WinogradOutputCall;

// Output gradients to the Winograd domain: A g A^T, the transpose of the output's transform.
typedef struct {
  WinogradTiles tiles;
  // The channel block from pixel (0, 0).
  SourceRows source;
  float *destination;
} WinogradGradientCall;

// How the inputs of a tile are laid out.
typedef enum __attribute__((enum_extensibility(closed))) : int32_t {
  // Sixteen channels in each line; tiles are sixteen floats apart.
  WinogradLinesChannelBlocks,
  // Two kernel elements in each line; tiles are one float apart.
  WinogradLinesPairs,
} WinogradLines;

// The products of some tiles and one group of output channels: for each point a matrix
// [tiles][inputs] times [inputs][channels of the group].
typedef struct {
  WinogradLines lines;
  // Lines of each point: channel blocks, or channels times kernel rows.
  intptr_t count;
  // The first line of point 0, the distance to the next line and to the next point.
  const float *source;
  intptr_t lineStep;
  intptr_t sourcePoint;
  // For each point, the tiles that need it.
  const IndexRange *tiles;
  intptr_t points;
  // In the order they are read: [point][line][input][channel of the group].
  const float *weights;
  // [point][tile][16], and the distances to the next point and to the group's second vector.
  float *destination;
  intptr_t destinationPoint;
  intptr_t destinationVector;
  // Vectors of output channels: 1 or 2.
  intptr_t vectors;
} WinogradProductCall;

// One row of one channel of an NCHW image to the domain of 1-D Winograd F(4, 4).
typedef struct {
  // The first kernel element of the first output, and how many pixels follow up to the border's end.
  const float *source;
  intptr_t pixels;
  // Point 0 of the row, and the distance to the next point; a tile takes one float.
  float *destination;
  intptr_t pointStep;
  // A multiple of sixteen; those beyond the row are made of zeros.
  intptr_t paddedTiles;
  // Room for 4 × (paddedTiles + 16) floats.
  float *scratch;
} Winograd1DInputCall;

// Products of one row of a channel block to output pixels.
typedef struct {
  // Point 0 of the first tile, sixteen channels; tiles are sixteen floats apart.
  const float *source;
  intptr_t pointStep;
  // Tiles of the row.
  intptr_t tiles;
  // Sixteen values.
  const float *bias;
  float *destination;
  bool relu;
} Winograd1DOutputCall;

// Filters of 3×3 to the Winograd domain in float32, a vector of output channels at a time: G g G^T.
// Training packs weights too often for float64.
typedef struct {
  // [9][lanes].
  const float *kernelElements;
  // G, [side][3].
  const float *rows;
  intptr_t side;
  // The vector at the first point.
  float *destination;
  intptr_t pointStep;
} WinogradWeightsCall;

// Filter gradients from the Winograd domain for consecutive filters: G^T m G.
typedef struct {
  // The filters at the first point.
  const float *source;
  intptr_t pointStep;
  // G, [side][3].
  const float *rows;
  intptr_t side;
  // Filters; a multiple of a vector's lanes.
  intptr_t count;
  // The filters' first kernel elements, and the distance from one element to the next.
  float *destination;
  intptr_t elementStep;
} WinogradWeightGradientCall;

#pragma clang assume_nonnull end
