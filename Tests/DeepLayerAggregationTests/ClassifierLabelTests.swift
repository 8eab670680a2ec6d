import DLAGraph
import DeepLayerAggregation
import Testing

struct ClassifierLabelTests {
  @Test func imageNetHasAThousandClassesInOrder() {
    let names = ImageNetClasses.names
    #expect(names.count == 1000 && ImageNetClasses.synsets.count == 1000)
    #expect(names.allSatisfy { !$0.isEmpty })
    let known = [
      0: "tench", 1: "goldfish", 281: "tabby", 285: "Egyptian cat", 404: "airliner",
      999: "toilet tissue",
    ]
    for (index, name) in known where names.indices.contains(index) { #expect(names[index] == name) }
    #expect(ImageNetClasses.synsets.first == "n01440764")
    #expect(ImageNetClasses.synsets.last == "n15075141")
  }

  @Test func synsetsAreDistinctAndWellFormed() {
    #expect(Set(ImageNetClasses.synsets).count == 1000)
    for synset in ImageNetClasses.synsets {
      #expect(synset.first == "n" && synset.dropFirst().allSatisfy(\.isNumber))
      #expect(synset.count == 9, "\(synset)")
    }
    // Published networks number the classes in the order of their synsets.
    #expect(ImageNetClasses.synsets == ImageNetClasses.synsets.sorted())
  }

  @Test func aThousandClassesHaveImageNetsNamesUnlessOthersAreGiven() throws {
    let variant = try Variant.named("dla46x_c")
    let network = try Network(variant, weights: SyntheticWeights(variant))
    #expect(try Classifier(network).labels == ImageNetClasses.names)
    let unnamed = ClassNames(count: 1000)
    #expect(try Classifier(network, classNames: unnamed).labels.isEmpty)
    let others = (0..<1000).map { "class \($0)" }
    let named = ClassNames(count: 1000, names: others)
    #expect(try Classifier(network, classNames: named).labels == others)
    let error = #expect(throws: ClassifierError.self) {
      try Classifier(network, classNames: ClassNames(count: 1, names: ["one"]))
    }
    #expect(error?.code == .labelCount)
  }

  @Test func anotherNumberOfClassesHasNoNames() throws {
    let variant = try Variant.named("dla46x_c")
    let network = try Network(variant, weights: SyntheticWeights(variant), classes: 7)
    #expect(try Classifier(network).labels.isEmpty)
  }
}
