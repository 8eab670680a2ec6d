import DLACheckpoints
import DLAGraph
import DLAModels
import DLAText

/// A weights file and the model that its tensors belong to.
///
/// A network is found under any prefix, whatever else is in the file. Its classifier may be a linear
/// layer that stands elsewhere, see `CheckpointPart.withLinearHead(channels:)`.
public struct CheckpointModel: Sendable {
  /// The part of the file that holds the network.
  public let part: CheckpointPart
  /// The model.
  public let variant: Variant
  /// The number of classes.
  public let classes: Int
  /// Channels of the images.
  public let inChannels: Int
  /// Other parts of the file in which whole networks lie, in the order of `CheckpointFile.parts`.
  public let alternatives: [CheckpointPart]

  /// The file.
  public var file: CheckpointFile { part.file }

  /// Opens a weights file and identifies its model.
  ///
  /// - Parameters:
  ///   - path: the file, of any format in `CheckpointFormat`.
  ///   - model: the model's name; nil to identify it by the tensors.
  ///   - part: the prefix of the network's tensors; nil for the first whole network.
  ///   - classes: the expected number of classes; nil for that of the file.
  /// - Throws: `CheckpointError` if the file can't be read; otherwise as
  ///   `init(of:model:part:classes:ignoringHead:)`.
  public init(
    path: String, model: String? = nil, part: String? = nil, classes: Int? = nil
  ) throws {
    try self.init(of: CheckpointFile(path: path), model: model, part: part, classes: classes)
  }

  /// Identifies the model of an open weights file.
  ///
  /// No weights are read; whether all tensors fit is checked by ``weights()``.
  ///
  /// - Parameters:
  ///   - file: the weights.
  ///   - model: the model's name; nil to identify it by the tensors.
  ///   - name: the prefix of the network's tensors, for instance `teacher`; nil for the first whole
  ///     network in the order of `CheckpointFile.parts`.
  ///   - classes: the expected number of classes; nil for that of the file.
  ///   - ignoringHead: whether the classifier may be missing, because it will be replaced.
  /// - Throws: `UnknownModelError` if there is no model of the name; `CheckpointError` with
  ///   `.otherModel` if the tensors are those of another model, `.missingClassifier` if only the
  ///   classifier is missing, `.unknownPart` if nothing of the family lies under the prefix,
  ///   `.unknownModel` if no name is given and they are those of none.
  public init(
    of file: CheckpointFile, model: String? = nil, part name: String? = nil, classes: Int? = nil,
    ignoringHead: Bool = false
  ) throws {
    let named = try model.map(Variant.named)
    let parts = file.parts
    let chosen = try name.map { try Self.choose($0, of: parts, in: file) }
    // At most one network has all of its levels in a part.
    let all = parts.flatMap { part in Variant.all.map { Match(of: $0, in: part) } }
    let matches = all.filter { chosen == nil || $0.part.name == chosen?.name }
    let whole = matches.filter { $0.isWhole(ignoringHead: ignoringHead) }
    let fitting = whole.filter { named == nil || $0.variant.name == named?.name }
    guard let found = fitting.first ?? (whole.isEmpty ? Self.nearest(named, matches) : nil) else {
      // Better than a list of the tensors that differ.
      throw CheckpointError(
        .otherModel,
        "\(file.name): these are the weights of \(whole[0].variant.name), not of "
          + "\(named?.name ?? "the model")")
    }
    guard named != nil || !whole.isEmpty else { throw Self.noModel(file, matches) }
    (part, variant, inChannels) = (found.part, found.variant, found.inChannels)
    self.classes = classes ?? found.classes ?? 1000
    alternatives = all.filter {
      $0.isWhole(ignoringHead: ignoringHead) && $0.part.name != found.part.name
        && (named == nil || $0.variant.name == named?.name)
    }.map(\.part)
  }

  /// The network as a graph.
  public var graph: Graph { variant.graph(classes: classes, inChannels: inChannels) }

  /// The weights, after checking that the part has all tensors of the graph.
  ///
  /// - Returns: the weights; each tensor is read when it is needed.
  /// - Throws: `CheckpointError` with `.wrongClassCount` if only the number of classes differs,
  ///   otherwise `.wrongModel`.
  public func weights() throws(CheckpointError) -> CheckpointWeights {
    try CheckpointWeights(part, tensors: graph.tensors)
  }

  /// One line about what the file holds besides the network; nil if there is nothing else.
  public var note: String? {
    var parts: [String] = []
    if !alternatives.isEmpty {
      let others = alternatives.map { $0.title }.joined(separator: ", ")
      parts.append("it holds \(alternatives.count + 1) networks, \(part.title) (used), \(others)")
    }
    if let head = part.foreignHead { parts.append("the classifier is \(printable(head))") }
    let left = part.leftOver(besides: graph.tensors, and: alternatives)
    if !left.isEmpty {
      let place = part.name.isEmpty ? "" : " of \(variant.name) under \(part.title)"
      parts.append(
        "\(counted(left.count, "tensor")) besides those\(place) "
          + "\(left.count == 1 ? "is" : "are") left out (\(summary(of: left)))")
    }
    return parts.isEmpty ? nil : "\(file.name): \(parts.joined(separator: "; "))"
  }
}

extension CheckpointPart {
  /// The prefix in messages.
  package var title: String { name.isEmpty ? "the names without prefix" : printable(name) }
}

// MARK: - Finding the network

extension CheckpointModel {
  /// A model and the number of its tensors that a part of a file has.
  private struct Match {
    let variant: Variant
    /// The part, with the classifier if it stands elsewhere.
    let part: CheckpointPart
    let inChannels: Int
    /// The classes of the classifier; nil if there is none that the model could have.
    let classes: Int?
    /// The tensors of the levels, and those the part does not have in their shape.
    let count: Int
    let missing: [String]

    init(of variant: Variant, in part: CheckpointPart) {
      let inChannels = part.length(of: "base_layer.0.weight", 1) ?? 3
      let tensors = variant.graph(classes: 1, inChannels: inChannels).tensors
        .filter { !NewHead.makes($0) }
      missing = tensors.filter { part.weight(named: $0.name)?.shape != $0.shape }.map(\.name)
      (self.variant, self.inChannels, count) = (variant, inChannels, tensors.count)
      let channels = variant.channels[variant.channels.count - 1]
      let isOwn = part.length(of: "fc.weight", 1) == channels
      self.part =
        isOwn || !missing.isEmpty ? part : part.withLinearHead(channels: channels) ?? part
      classes =
        self.part.length(of: "fc.weight", 1) == channels
        ? self.part.length(of: "fc.weight", 0) : nil
    }

    func isWhole(ignoringHead: Bool) -> Bool {
      missing.isEmpty && (ignoringHead || classes != nil && part.weight(named: "fc.bias") != nil)
    }

    var share: Double { 1 - Double(missing.count) / Double(count) }
  }

  /// The match with the most tensors, of the named model if one is named.
  private static func nearest(_ named: Variant?, _ matches: [Match]) -> Match? {
    matches.filter { named == nil || $0.variant.name == named?.name }.max { $0.share < $1.share }
  }

  private static func choose(
    _ name: String, of parts: [CheckpointPart], in file: CheckpointFile
  ) throws(CheckpointError) -> CheckpointPart {
    let name = name.utf8.last == UInt8(ascii: ".") ? String(name.dropLast()) : name
    // A dictionary that holds all tensors may stand in front, as where a conversion names its part.
    let dictionary = file.metadata["dictionary"].map { $0 + "." } ?? ""
    let inner = name + "." == dictionary ? "" : String(name.trimmingPrefix(dictionary))
    if let part = parts.first(where: { $0.name == name || $0.name == inner }) { return part }
    throw CheckpointError(
      .unknownPart,
      "\(file.name): no network lies under \"\(printable(name))\"; found are "
        + parts.map(\.title).joined(separator: ", "))
  }

  private static func noModel(_ file: CheckpointFile, _ matches: [Match]) -> CheckpointError {
    if let kind = otherContent(file) {
      return CheckpointError(.unknownModel, "\(file.name): \(kind)")
    }
    let start =
      "\(file.name): its \(counted(file.entries.count, "tensor")) are those of no DLA model"
    guard let match = nearest(nil, matches), match.share > 0.5 else {
      return CheckpointError(.unknownModel, "\(start), nor close to those of one")
    }
    let place = match.part.name.isEmpty ? "" : " under \(match.part.title)"
    guard match.missing.isEmpty else {
      return CheckpointError(
        .unknownModel,
        "\(start); nearest is \(match.variant.name)\(place), of whose \(match.count) tensors it has "
          + "\(match.count - match.missing.count); missing or of another shape: "
          + summary(of: match.missing))
    }
    let left = match.part.leftOver(
      besides: match.variant.graph(classes: 1, inChannels: match.inChannels).tensors, and: [])
    return CheckpointError(
      .missingClassifier,
      "\(file.name): it holds a \(match.variant.name)\(place) without a classifier"
        + (left.isEmpty
          ? "" : ", and \(counted(left.count, "tensor")) of another task (\(summary(of: left)))"))
  }

  /// The names that Paddle gives to an optimizer's states.
  private static let states = [
    "_moment1_0", "_moment2_0", "_velocity_0", "_beta1_pow_acc_0", "_beta2_pow_acc_0",
  ]

  /// Files of tensors that are not the weights of a network.
  private static func otherContent(_ file: CheckpointFile) -> String? {
    let count = file.entries.count { entry in states.contains { entry.name.hasSuffix($0) } }
    if count > 0, 2 * count >= file.entries.count {
      return "these are the states of an optimizer, as in a .pdopt file; the weights are in the "
        + ".pdparams file beside it"
    }
    if let shard = file.name.firstMatch(of: /([^\/]*)-(\d+)-of-(\d+)(\.\w+)$/), shard.3 != "00001" {
      return
        "this is shard \(Int(shard.2) ?? 0) of \(Int(shard.3) ?? 0) of a model; open the index beside "
        + "it, \(shard.1)\(shard.4).index.json"
    }
    return nil
  }
}

extension CheckpointPart {
  /// A dimension of a tensor that has four; nil if there is none of that name.
  fileprivate func length(of tensor: String, _ dimension: Int) -> Int? {
    guard let shape = weight(named: tensor)?.shape, shape.count == 4, shape[dimension] > 0,
      shape[dimension] <= 1 << 20
    else { return nil }
    return shape[dimension]
  }
}
