import DLARecipes

/// Reads bytes as a PaddleClas YAML file; an override follows the first zero byte.
func readRecipe(_ bytes: UnsafeRawBufferPointer) {
  let parts =
    bytes
    .split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
  let overrides = parts.dropFirst().map { String(decoding: $0, as: UTF8.self) }
  do throws(RecipeError) {
    let found = try PaddleRecipe(Array(parts[0]), name: "fuzz.yaml", overrides: overrides)
    precondition(found.recipe.epochs > 0 && found.recipe.rate.rate > 0, "the recipe is unchecked")
    for note in found.notes { requireOneLine(note) }
  } catch {
    requireOneLine(error.message)
  }
}
