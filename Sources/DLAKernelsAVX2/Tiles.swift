/// 6 pixels × 2 vectors, 2 weights and an operand: 15 of 16 registers.
typealias RowTiles = UpTo6
/// Tiles of two rows hold half as many columns.
typealias RowPairTiles = UpTo3

/// Grouped convolutions hold a sum and a weight for each channel of a group; groups of eight do not
/// fit, so their weights are read from memory.
typealias Group2Tiles = UpTo6
typealias Group4Tiles = UpTo2
typealias Group8Tiles = UpTo1
