/// 3 pixels × 2 vectors of two four-float registers: 12 of 16 registers, and the rest for an operand.
typealias RowTiles = UpTo3
/// Tiles of two rows hold half as many columns.
typealias RowPairTiles = UpTo1

typealias Group2Tiles = UpTo3
typealias Group4Tiles = UpTo1
typealias Group8Tiles = UpTo1
