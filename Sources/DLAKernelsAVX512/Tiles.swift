/// 14 pixels × 2 vectors, 2 weights and an operand: 31 of 32 registers.
typealias RowTiles = UpTo14
/// Tiles of two rows hold half as many columns.
typealias RowPairTiles = UpTo7

/// Grouped convolutions hold a sum and a weight for each channel of a group.
typealias Group2Tiles = UpTo6
typealias Group4Tiles = UpTo6
typealias Group8Tiles = UpTo2
