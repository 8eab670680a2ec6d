import DLARecipes

/// Reads bytes as one of PaddleClas's YAML files; what follows the first zero byte is an override.
///
/// - Parameters:
///   - data: the bytes.
///   - count: how many.
/// - Returns: 0, as libFuzzer demands.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRecipes(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let parts = UnsafeBufferPointer(start: data, count: count)
    .split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
  let overrides = parts.dropFirst().map { String(decoding: $0, as: UTF8.self) }
  do throws(RecipeError) {
    let found = try PaddleRecipe(Array(parts[0]), name: "fuzz.yaml", overrides: overrides)
    precondition(found.recipe.epochs > 0 && found.recipe.rate.rate > 0, "the recipe is unchecked")
    for note in found.notes { requireOneLine(note) }
  } catch {
    requireOneLine(error.message)
  }
  return 0
}

private func requireOneLine(_ message: String) {
  precondition(
    message.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control },
    "the message has control characters")
}
