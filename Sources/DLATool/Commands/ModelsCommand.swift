import DLAText
import DeepLayerAggregation

/// `dla models`: the list of networks, or the aggregation tree of one.
enum ModelsCommand: Command {
  static let name = "models"
  static let summary = "List all networks, or draw the aggregation tree of one."
  static let synopsis = "[--json] [--tree MODEL]"
  static let options = [
    Option("--tree", "MODEL", "Draw the aggregation tree of one network."),
    Option("--json", nil, "Print a JSON array."),
  ]
  static let details = """
    Multiply-adds are those of the convolutions for one image of 224×224 pixels. Top-1 and Top-5 are
    accuracies on ImageNet in per cent as published by PaddleClas and timm.
    """

  static func run(_ arguments: Arguments) async throws -> Bool {
    guard arguments.positional.isEmpty else {
      throw UsageError("\(arguments.positional[0]) is not expected; use --tree MODEL")
    }
    if let name = arguments["--tree"] {
      guard !arguments.has("--json") else { throw UsageError("--tree has no JSON form") }
      try Console.print(TreeDrawing(try Variant.named(name)).description)
      return true
    }
    let rows = Variant.all.map(ModelRow.init)
    try Console.print(arguments.has("--json") ? JSON.array(rows) : table(rows))
    return true
  }

  private static func table(_ rows: [ModelRow]) -> String {
    let numbers = Table(
      header: [
        "model", "parameters", "statistics", "multiply-adds", "Paddle Top-1", "Top-5",
        "timm Top-1", "Top-5", "level channels",
      ],
      rows: rows.map { row in
        [
          row.model, millions(row.parameters), millions(row.statistics),
          fixed(Double(row.multiplyAdds) * 1e-9, 3) + " G", percent(row.paddle?.top1),
          percent(row.paddle?.top5), percent(row.timm.top1), percent(row.timm.top5),
          row.levels.map { "\($0.channels)" }.joined(separator: " "),
        ]
      }, alignment: [.left] + Array(repeating: .right, count: 7) + [.left])
    let strides = rows[0].levels.map { "\($0.stride)" }.joined(separator: " ")
    return """
      \(numbers)

      Multiply-adds for one image of 224×224; levels 0 to 5 have strides \(strides).
      Accuracies are in per cent on ImageNet, as published by PaddleClas and timm.
      """
  }

  private static func millions(_ count: Int) -> String { fixed(Double(count) * 1e-6, 3) + " M" }
  private static func percent(_ value: Double?) -> String { value.map { fixed($0, 2) } ?? "-" }
}

private struct ModelRow: Encodable {
  struct Accuracy: Encodable {
    let top1: Double
    let top5: Double
    let source: String
  }
  struct Level: Encodable {
    let stride: Int
    let channels: Int
  }

  let model: String
  let parameters: Int
  let statistics: Int
  let multiplyAdds: Int
  let paddle: Accuracy?
  let timm: Accuracy
  let levels: [Level]

  private enum CodingKeys: String, CodingKey {
    case model, parameters, statistics
    case multiplyAdds = "multiply_adds"
    case paddle, timm, levels
  }

  init(_ variant: Variant) {
    let graph = variant.graph()
    model = variant.name
    parameters = graph.parameterCount
    statistics = graph.statisticCount
    multiplyAdds = graph.multiplyAdds(input: SpatialSize(height: 224, width: 224))
    paddle = variant.paddleAccuracy.map {
      Accuracy(
        top1: $0.top1, top5: $0.top5, source: "PaddleClas docs/zh_CN/models/ImageNet1k/DLA.md")
    }
    timm = Accuracy(
      top1: variant.timmAccuracy.top1, top5: variant.timmAccuracy.top5,
      source: "timm results/results-imagenet.csv")
    levels = graph.levels.map { Level(stride: graph[$0].reduction, channels: graph[$0].channels) }
  }
}
