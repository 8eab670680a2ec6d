/// A reader of untrusted bytes.
package enum FuzzedReader: String, CaseIterable {
  case safetensors, checkpoints, images, datasets, recipes, configurations

  /// Reads hostile bytes; traps where the reader breaks a promise.
  package func read(_ bytes: UnsafeRawBufferPointer) {
    switch self {
    case .safetensors: readSafetensors(bytes)
    case .checkpoints: readCheckpoint(bytes)
    case .images: readImage(bytes)
    case .datasets: readDataset(bytes)
    case .recipes: readRecipe(bytes)
    case .configurations: readConfiguration(bytes)
    }
  }
}

/// Traps unless a message is one short line.
func requireOneLine(_ message: String) {
  precondition(message.utf8.count < 10_000, "the message is long")
  precondition(
    message.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control },
    "the message has control characters")
}
