import DLARecipes
import Foundation
import Testing
import _DLATestSupport

/// A training with the keys of PaddleClas's DLA recipes; line 1 is `Global`.
let wholeRecipe =
  (try? String(contentsOf: Fixtures.folder.appending(path: "recipe.yaml"), encoding: .utf8)) ?? ""

func recipe(_ overrides: String...) throws -> PaddleRecipe {
  try PaddleRecipe(Array(wholeRecipe.utf8), name: "r.yaml", overrides: overrides)
}

/// The whole recipe with lines written otherwise.
func recipe(replacing text: String, by other: String) throws -> PaddleRecipe {
  let changed = wholeRecipe.replacing(text, with: other)
  #expect(changed != wholeRecipe, "\(text) is not in the recipe")
  return try PaddleRecipe(Array(changed.utf8), name: "r.yaml")
}

/// Reads untrusted bytes; an error must be one line that names the file.
func readHostile(_ bytes: [UInt8]) {
  do throws(RecipeError) {
    _ = try PaddleRecipe(bytes, name: "r.yaml")
  } catch {
    #expect(error.message.hasPrefix("r.yaml"), "\(error.message)")
    #expect(error.message.utf8.allSatisfy { $0 >= 0x20 }, "\(error.message)")
    #expect(error.message.utf8.count < 1000)
  }
}
